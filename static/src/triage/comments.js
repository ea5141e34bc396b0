import { Chatter } from "@mail/chatter/web_portal/chatter";
import { onMounted } from "@odoo/owl";

/** What colleagues say about a mail; whoever opens it wants to write. */
export class Comments extends Chatter {
    setup() {
        super.setup();
        onMounted(() => this.toggleComposer("note", { force: true }));
    }
}
