import { patch } from "@web/core/utils/patch";
import { FormCogMenu } from "@web/views/form/form_cog_menu/form_cog_menu";

/** On a phone Odoo shows the gear of each form, also one that opens an empty sheet: the
 * forms of this app have one where there is something in it. */
patch(FormCogMenu.prototype, {
    get isShown() {
        const isOurs = this.props.resModel?.startsWith("mail.catchall.");
        return this.hasItems || (this.env.isSmall && !isOurs);
    },
});
