import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { formAction } from "../app/form_action";

const SHOWN_FOR = 12000; // milliseconds: long enough to see a mistake

let closeLast = () => {};

/** Say what a decision has come to, with what it has made, or a button that takes it
 * back. The last one is enough: it replaces what was said before. */
function decided(env, { params }) {
    const { action, notification, orm } = env.services;
    const { about, documents = [], message, title, type } = params;
    const { undo_ids: ids, back_ids: backIds = [] } = params;
    const undo = async () => {
        close();
        const next = await orm.call("mail.catchall.message", "action_undo", [ids]);
        await action.doAction(next);
        // A screen that shows the news itself says so.
        const news = { backIds: [], isShown: false };
        env.bus.trigger("CATCHALL:DECIDED", news);
        if (!news.isShown) {
            await action.doAction({ type: "ir.actions.client", tag: "soft_reload" });
        }
    };
    const buttons = documents.map(({ id, model, name }) => ({
        name,
        onClick: () => action.doAction(formAction(model, id)),
    }));
    if (ids.length) {
        buttons.unshift({ name: _t("Undo"), onClick: undo, primary: true });
    }
    env.bus.trigger("CATCHALL:DECIDED", { backIds });
    closeLast();
    const heading = about ? `${title}: ${about}` : title;
    const close = notification.add(message || heading, {
        title: message ? heading : "",
        type,
        buttons,
        autocloseDelay: SHOWN_FOR,
        className: "o_catchall_decided",
    });
    closeLast = close;
    return { type: "ir.actions.act_window_close" };
}

registry.category("actions").add("mail_catchall_router.decided", decided);
