import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

const SHOWN_FOR = 12000; // milliseconds: long enough to see a mistake

/** Say what a decision has come to, with a button that takes it back. */
function decided(env, { params }) {
    const { action, notification, orm } = env.services;
    const { title, message, type, undo_ids: ids } = params;
    const undo = async () => {
        close();
        const next = await orm.call("mail.catchall.message", "action_undo", [ids]);
        await action.doAction(next);
        await action.doAction({ type: "ir.actions.client", tag: "soft_reload" });
        env.bus.trigger("CATCHALL:DECIDED");
    };
    const buttons = ids.length ? [{ name: _t("Undo"), onClick: undo, primary: true }] : [];
    env.bus.trigger("CATCHALL:DECIDED");
    const close = notification.add(message, {
        title,
        type,
        buttons,
        autocloseDelay: SHOWN_FOR,
        className: "o_catchall_decided",
    });
    return { type: "ir.actions.act_window_close" };
}

registry.category("actions").add("mail_catchall_router.decided", decided);
