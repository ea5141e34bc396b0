import { registry } from "@web/core/registry";

const APP = "mail_catchall_router.mail_catchall_menu_root";

const MODELS = "mail.catchall.";

/** Marks the page while this app is open, for what is only styled here: also where no
 * menu led there, as on the way back from a provider's sign-in. */
export const appMark = {
    dependencies: ["action", "menu"],
    start(env, { action, menu }) {
        const isOurs = () =>
            menu.getCurrentApp()?.xmlid === APP ||
            // A page that is none of a model's has false there.
            (action.currentController?.action?.res_model || "").startsWith(MODELS);
        const mark = () => document.body.classList.toggle("o_catchall_app", isOurs());
        env.bus.addEventListener("MENUS:APP-CHANGED", mark);
        env.bus.addEventListener("ACTION_MANAGER:UI-UPDATED", mark);
        mark();
    },
};

registry.category("services").add("mail_catchall_router.app_mark", appMark);
