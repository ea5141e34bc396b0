import { Component, useEffect, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { formAction } from "../app/form_action";
import { unlessLost } from "../app/unless_lost";

const PAUSE = 4000; // milliseconds between two questions

/** Waits for the first mail, and shows what it has become as soon as it is here. */
export class FirstMail extends Component {
    static template = "mail_catchall_router.FirstMail";
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.state = useState({ followed: null });
        useEffect(
            (isWaiting) => {
                const shown = { timer: null, isGone: false };
                if (isWaiting) {
                    this.follow(shown);
                }
                return () => {
                    shown.isGone = true;
                    browser.clearTimeout(shown.timer);
                };
            },
            () => [Boolean(this.shown) && !this.shown.mail]
        );
    }

    get shown() {
        return this.state.followed || this.props.record.data[this.props.name];
    }

    /** Look again and again, as long as the page is open. */
    async follow(shown) {
        const { record } = this.props;
        const answer = document.hidden ? null : await this.ask();
        if (shown.isGone) {
            return;
        }
        if (answer) {
            this.state.followed = answer;
            if (answer.ending !== record.data.ending) {
                await record.load();
            }
        }
        if (!shown.isGone) {
            shown.timer = browser.setTimeout(() => this.follow(shown), PAUSE);
        }
    }

    /** Ask what has come; a connection that is lost for a while is tried again. */
    ask() {
        const { resModel, resId } = this.props.record;
        return unlessLost(this.orm.silent.call(resModel, "action_look", [[resId]]));
    }

    open() {
        const { model, id } = this.shown.mail;
        return this.action.doAction(formAction(model, id));
    }
}

registry.category("fields").add("catchall_first_mail", {
    component: FirstMail,
    displayName: _t("Waiting for the first email"),
    supportedTypes: ["json"],
});
