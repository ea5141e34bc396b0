import { registry } from "@web/core/registry";
import { listView } from "@web/views/list/list_view";
import { ListController } from "@web/views/list/list_controller";
import { PASSING, askToPass } from "./question";

const isDangerous = (record) =>
    (record.data.reason_badges || []).some((badge) => badge.level === "danger");

/** The quarantine as a table: what a check has stopped as a danger passes after a question
 * only, one or many. */
export class MessageListController extends ListController {
    async beforeExecuteActionButton(clickParams) {
        const { isDomainSelected, selection } = this.model.root;
        if (
            clickParams.name in PASSING &&
            (isDomainSelected || selection.some(isDangerous)) &&
            !(await askToPass(this.dialogService, clickParams.name))
        ) {
            return false;
        }
        return super.beforeExecuteActionButton(clickParams);
    }
}

registry.category("views").add("catchall_message_list", {
    ...listView,
    Controller: MessageListController,
});
