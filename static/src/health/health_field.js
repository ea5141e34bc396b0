import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

const LOOKS = {
    ok: { icon: "fa-check-circle", color: "success" },
    warning: { icon: "fa-exclamation-circle", color: "warning" },
    problem: { icon: "fa-times-circle", color: "danger" },
};

/** How a router stands: what needs somebody first, each with what to do, then the
 * rest. The sentences come from the server. */
export class HealthField extends Component {
    static template = "mail_catchall_router.HealthField";
    static props = { ...standardFieldProps, compact: { type: Boolean, optional: true } };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.state = useState({ isBusy: false, fresh: null });
        this.freshFor = null;
    }

    /** What the record says, or what was read anew since. */
    get report() {
        const given = this.props.record.data[this.props.name];
        return this.state.fresh && this.freshFor === given ? this.state.fresh : given;
    }

    get troubles() {
        return this.report.items.filter((item) => item.state !== "ok");
    }

    get rest() {
        return this.report.items.filter((item) => item.state === "ok");
    }

    looks(state) {
        return LOOKS[state];
    }

    /** Do what an item's button says, and look again. */
    async press(item) {
        const ids = [this.report.router];
        this.state.isBusy = true;
        try {
            const next = await this.orm.call("mail.catchall.router", "action_health", [
                ids,
                item.item,
            ]);
            if (next && typeof next === "object") {
                await this.action.doAction(next);
            }
            if (!next || next === true || next.type === "ir.actions.client") {
                const [router] = await this.orm.read("mail.catchall.router", ids, [
                    "health_report",
                ]);
                this.freshFor = this.props.record.data[this.props.name];
                this.state.fresh = router.health_report;
            }
        } finally {
            this.state.isBusy = false;
        }
    }
}

registry.category("fields").add("catchall_health", {
    component: HealthField,
    displayName: _t("Health of a mail router"),
    supportedTypes: ["json"],
    // Compact: only what needs somebody is listed.
    extractProps: ({ options }) => ({ compact: Boolean(options.compact) }),
});
