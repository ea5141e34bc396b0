import { status, useEffect } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";
import { MessageFormCompiler, MessageFormRenderer } from "./message_header";
import { PASSING, askToPass } from "./question";

const WAITING = ["held", "failed", "dead"];

/** A message out of the quarantine: after a decision the next one that waits is shown,
 * after the last the list. */
export class MessageFormController extends FormController {
    setup() {
        super.setup();
        this.orm = useService("orm");
        useEffect(
            () => {
                this.markRead();
            },
            () => [this.model.root.resId]
        );
    }

    /** Who opens a mail has seen it. */
    async markRead() {
        const { data, resId, resModel } = this.model.root;
        if (resId && data.is_unread) {
            this.marking = this.orm.silent.call(resModel, "action_mark_read", [[resId]]);
            await this.marking;
        }
    }

    /** The list behind shows it as read, however fast its reader goes back. */
    async beforeLeave() {
        await Promise.allSettled([this.marking]);
        return super.beforeLeave(...arguments);
    }

    /** What a check has stopped as a danger passes after a question only. */
    async beforeExecuteActionButton(clickParams) {
        const badges = this.model.root.data.reason_badges || [];
        if (
            clickParams.name in PASSING &&
            badges.some((badge) => badge.level === "danger") &&
            !(await askToPass(this.dialogService, clickParams.name))
        ) {
            return false;
        }
        return super.beforeExecuteActionButton(clickParams);
    }

    async afterExecuteActionButton(clickParams) {
        await super.afterExecuteActionButton(clickParams);
        // A button that opens another page has closed this one.
        if (
            status(this) !== "destroyed" &&
            this.props.context.catchall_quarantine &&
            clickParams.name !== "action_undo"
        ) {
            await this.leaveDecided();
        }
    }

    async leaveDecided() {
        const { resId, resIds, resModel } = this.model.root;
        const waiting = new Set(
            await this.orm.search(resModel, [
                ["id", "in", resIds],
                ["state", "in", WAITING],
            ])
        );
        if (waiting.has(resId)) {
            return;
        }
        const at = resIds.indexOf(resId);
        const others = [...resIds.slice(at + 1), ...resIds.slice(0, at)];
        const next = others.find((id) => waiting.has(id));
        if (next) {
            await this.model.load({ resId: next });
        } else {
            this.env.config.historyBack();
        }
    }
}

registry.category("views").add("catchall_message_form", {
    ...formView,
    Compiler: MessageFormCompiler,
    Controller: MessageFormController,
    Renderer: MessageFormRenderer,
});
