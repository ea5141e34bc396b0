import { registerMessageAction } from "@mail/core/common/message_actions";
import { _t } from "@web/core/l10n/translation";
import { session } from "@web/session";
import { ArrivalDialog } from "./arrival_dialog";

registerMessageAction("catchall-arrival", {
    condition: ({ message, thread }) =>
        session.catchall_reader &&
        message.message_type === "email" &&
        Number.isInteger(message.id) &&
        Boolean(thread) &&
        thread.model !== "discuss.channel",
    icon: "fa fa-map-signs",
    name: _t("How It Arrived"),
    onSelected: ({ message, store }) =>
        store.env.services.dialog.add(ArrivalDialog, { messageId: message.id }),
    sequence: 105,
});
