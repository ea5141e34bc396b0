import { registry } from "@web/core/registry";

// See whether the address of a team works, and send a test mail to it.
registry.category("web_tour.tours").add("mail_catchall_router_alias_status", {
    steps: () => [
        {
            content: "The address is told in full, and that it was never tried",
            trigger: ".o_catchall_alias[data-code=untested]:contains('verkauf-nord@')",
        },
        {
            trigger: ".o_catchall_alias button:contains('Send Test Mail')",
            run: "click",
        },
        {
            content: "It is said where the mail will appear",
            trigger: ".o_notification:contains('Sent to verkauf-nord@'):contains('Lead')",
        },
    ],
});
