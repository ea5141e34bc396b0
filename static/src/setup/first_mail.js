import { Component, useEffect, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { ConnectionLostError } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

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
    async ask() {
        const { record } = this.props;
        try {
            return await this.orm.silent.call(record.resModel, "action_look", [[record.resId]]);
        } catch (error) {
            if (error instanceof ConnectionLostError) {
                return null;
            }
            throw error;
        }
    }

    open() {
        const { model, id } = this.shown.mail;
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id,
            views: [[false, "form"]],
        });
    }
}

registry.category("fields").add("catchall_first_mail", {
    component: FirstMail,
    displayName: _t("Waiting for the first email"),
    supportedTypes: ["json"],
});
