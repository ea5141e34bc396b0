import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { formAction } from "../app/form_action";

/** The document that a mail is on, as a link; of several, how many they are. */
export class WentTo extends Component {
    static template = "mail_catchall_router.WentTo";
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
    }

    get documents() {
        return this.props.record.data[this.props.name] || [];
    }

    get label() {
        const [first, ...others] = this.documents;
        return others.length ? _t("%s documents", others.length + 1) : first.name;
    }

    get title() {
        return this.documents.map((one) => one.name).join("\n");
    }

    /** Open the document, where the mail is read; several are in the mail's own page. */
    async open() {
        const [first, ...others] = this.documents;
        const { resId, resModel } = this.props.record;
        await this.orm.silent.call(resModel, "action_mark_read", [[resId]]);
        const { model, id } = others.length ? { model: resModel, id: resId } : first;
        return this.action.doAction(formAction(model, id));
    }
}

registry.category("fields").add("catchall_went_to", {
    component: WentTo,
    displayName: _t("Where an email went"),
    supportedTypes: ["json"],
});
