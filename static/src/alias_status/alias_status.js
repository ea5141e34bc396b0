import { Component, useState } from "@odoo/owl";
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
        const { record } = this.props;
        // What was typed is the address that is meant.
        if (!(await record.save())) {
            return;
        }
        this.state.isBusy = true;
        try {
            const said = await this.orm.call(
                record.resModel,
                "action_catchall_send_test",
                [[record.resId]]
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
