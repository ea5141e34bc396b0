import { registry } from "@web/core/registry";

// See how many mails wait, decide about the one, see that none waits.
registry.category("web_tour.tours").add("mail_catchall_router_held_menu", {
    steps: () => [
        {
            content: "One mail waits",
            trigger: ".o_catchall_held_menu button:has(.o_catchall_held_count:contains('1'))",
            run: "click",
        },
        {
            content: "What waits is open",
            trigger: ".o_catchall_current:contains('A held mail')",
        },
        { trigger: ".o_catchall_more", run: "click" },
        { trigger: ".o-dropdown-item[data-decision=discard]", run: "click" },
        {
            content: "None waits any more, and the way to it is still there",
            trigger:
                ".o_catchall_held_menu:not(:has(.o_catchall_held_count)) button[title^='No email']",
        },
    ],
});

registry.category("web_tour.tours").add("mail_catchall_router_no_held_menu", {
    steps: () => [
        {
            content: "Others have the bar without it",
            trigger: ".o_menu_systray:not(:has(.o_catchall_held_menu)) .o_user_menu",
        },
    ],
});
