import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** A paper clip where files came with a mail. */
export class FilesMark extends Component {
    static template = "mail_catchall_router.FilesMark";
    static props = { ...standardFieldProps };

    get title() {
        return _t("Has attachments");
    }
}

registry.category("fields").add("catchall_files", {
    component: FilesMark,
    displayName: _t("Mark of attachments"),
    supportedTypes: ["boolean"],
});
