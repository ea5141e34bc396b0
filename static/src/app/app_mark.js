import { registry } from "@web/core/registry";

const APP = "mail_catchall_router.mail_catchall_menu_root";

/** Marks the page while this app is open, for what is only styled here. */
export const appMark = {
    dependencies: ["menu"],
    start(env, { menu }) {
        const mark = () =>
            document.body.classList.toggle("o_catchall_app", menu.getCurrentApp()?.xmlid === APP);
        env.bus.addEventListener("MENUS:APP-CHANGED", mark);
        mark();
    },
};

registry.category("services").add("mail_catchall_router.app_mark", appMark);
