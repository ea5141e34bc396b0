import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** The reasons why a mail waits, each as a badge; their labels come from the server. */
export class ReasonBadges extends Component {
    static template = "mail_catchall_router.ReasonBadges";
    static props = { ...standardFieldProps };

    get badges() {
        return this.props.record.data[this.props.name] || [];
    }
}

registry.category("fields").add("catchall_reasons", {
    component: ReasonBadges,
    displayName: _t("Reasons why an email is held"),
    supportedTypes: ["json"],
});
