import { Thread } from "@mail/core/common/thread_model";
import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { patch } from "@web/core/utils/patch";
import { session } from "@web/session";

const MESSAGE = "mail.message";

/** Say that a message waits, with a button that takes it back. */
function offerUndo(env, id, seconds) {
    const { action, notification, orm } = env.services;
    let taken = false;
    const close = notification.add(_t("It leaves in %s seconds.", seconds), {
        title: _t("Email sent"),
        type: "success",
        buttons: [
            {
                name: _t("Undo"),
                primary: true,
                onClick: async () => {
                    taken = true;
                    close();
                    const again = await orm.call(MESSAGE, "catchall_take_back", [id]);
                    env.services["mail.store"][MESSAGE].get(id)?.delete();
                    await action.doAction(again);
                },
            },
        ],
        autocloseDelay: seconds * 1000,
        className: "o_catchall_undo",
    });
    browser.setTimeout(() => {
        if (!taken) {
            orm.silent.call(MESSAGE, "catchall_send_now", [[id]]);
        }
    }, (seconds + 1) * 1000);
}

patch(Thread.prototype, {
    async post() {
        const message = await super.post(...arguments);
        const seconds = session.catchall_undo_seconds;
        const isTalk = this.model === "discuss.channel";
        if (seconds && message && !isTalk && message.notification_ids.length) {
            offerUndo(this.store.env, message.id, seconds);
        }
        return message;
    },
});

/** After the full window for writing. */
registry.category("actions").add("mail_catchall_router.offer_undo", (env, { params }) => {
    offerUndo(env, params.message_id, params.seconds);
    return { type: "ir.actions.act_window_close" };
});
