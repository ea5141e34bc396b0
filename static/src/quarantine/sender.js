import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { parseEmail } from "@mail/utils/common/format";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** Who wrote a mail: the name, and of the address where it is from. A name that is not
 * there, or looks like an address, gives way to the address itself. */
export class Sender extends Component {
    static template = "mail_catchall_router.Sender";
    static props = { ...standardFieldProps };

    get whole() {
        return this.props.record.data[this.props.name] || "";
    }

    get parts() {
        const [name, address] = parseEmail(this.whole) || [this.whole, ""];
        if (!address || !name || name.includes("@")) {
            return { name: address || name, domain: "" };
        }
        return { name, domain: address.split("@").at(-1) };
    }
}

registry.category("fields").add("catchall_sender", {
    component: Sender,
    displayName: _t("Sender of an email"),
    supportedTypes: ["char"],
});
