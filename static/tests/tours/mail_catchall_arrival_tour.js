import { registry } from "@web/core/registry";

// Find out from a document how a mail came there.
registry.category("web_tour.tours").add("mail_catchall_router_arrival", {
    steps: () => [
        {
            trigger: ".o-mail-Message:has(.o-mail-Message-body)",
            run: "hover && click .o-mail-Message [title='Expand']",
        },
        {
            content: "It is among what can be done with the message",
            trigger: ".o-dropdown-item:contains('How It Arrived')",
            run: "click",
        },
        {
            content: "It says for whom the mail was",
            trigger:
                ".modal .o_catchall_arrival:contains('sales@'):contains('Alias'):contains('X-Original-To')",
        },
        {
            trigger: ".modal button:contains('Open in Mail Router')",
            run: "click",
        },
        {
            content: "The journal's message is open",
            trigger: ".o_form_view .o_field_widget[name=subject]:contains('A delivered mail')",
        },
    ],
});
