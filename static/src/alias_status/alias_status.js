import { Component, useState } from "@odoo/owl";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const COLORS = { ok: "success", warning: "warning", problem: "danger" };

/** Whether an alias's address works, its last mail, and a test mail. */
export class AliasStatus extends Component {
    static template = "mail_catchall_router.AliasStatus";
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.orm = useService("orm");
        this.state = useState({ isBusy: false });
    }

    get report() {
        return this.props.record.data[this.props.name];
    }

    get color() {
        return COLORS[this.report.state];
    }

    async copy() {
        await browser.navigator.clipboard.writeText(this.report.address);
        this.notification.add(_t("Copied"), { type: "success" });
    }

    async sendTest() {
        // What was typed is the address that is meant.
        if (!(await this.props.record.save())) {
            return;
        }
        const send = () => this.call("action_catchall_send_test");
        this.ask(this.report.question, _t("Send"), send);
    }

    removeTests() {
        const question = _t("The documents that test mails have made are deleted.");
        const remove = async () => {
            await this.call("action_catchall_remove_tests");
            await this.props.record.load();
        };
        this.ask(question, _t("Delete"), remove);
    }

    /** Do something at once, or, if there is a question, after a person's Yes. */
    ask(body, confirmLabel, confirm) {
        if (!body) {
            return confirm();
        }
        this.dialog.add(ConfirmationDialog, {
            body,
            confirmLabel,
            confirm,
            cancel: () => {},
        });
    }

    async call(method) {
        const { record } = this.props;
        this.state.isBusy = true;
        try {
            const context = { catchall_confirmed: true };
            const said = await this.orm.call(
                record.resModel,
                method,
                [[record.resId]],
                { context }
            );
            await this.action.doAction(said);
        } finally {
            this.state.isBusy = false;
        }
    }
}

registry.category("fields").add("catchall_alias", {
    component: AliasStatus,
    displayName: _t("State of an alias's address"),
    supportedTypes: ["json"],
});
