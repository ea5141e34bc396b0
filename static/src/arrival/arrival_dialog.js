import { Component, onWillStart } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { useService } from "@web/core/utils/hooks";
import { formAction } from "../app/form_action";

/** How a mail came to the document that it stands on. */
export class ArrivalDialog extends Component {
    static template = "mail_catchall_router.ArrivalDialog";
    static components = { Dialog };
    static props = { messageId: Number, close: Function };

    setup() {
        this.action = useService("action");
        const orm = useService("orm");
        onWillStart(async () => {
            this.arrival = await orm.call("mail.message", "catchall_arrival", [
                [this.props.messageId],
            ]);
        });
    }

    get isKnown() {
        return Boolean(this.arrival.journal);
    }

    openJournal() {
        this.props.close();
        this.action.doAction(formAction("mail.catchall.message", this.arrival.journal));
    }
}
