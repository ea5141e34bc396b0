import { registry } from "@web/core/registry";

// A provider has refused senders: see which, what to do, and try again.
registry.category("web_tour.tours").add("mail_catchall_router_refused", {
    steps: () => [
        {
            content: "The form says that the server falls back",
            trigger: ".alert-warning:contains('refused several senders')",
        },
        {
            content: "Open the page of the router",
            trigger: ".nav-link[name='mail_catchall_router']",
            run: "click",
        },
        {
            content: "The refused sender, the server's words and the remedy",
            trigger:
                ".o_data_row:contains('anh@'):contains('not owned by user'):contains('Ask the provider')",
        },
        {
            content: "Try this sender again",
            trigger: ".o_data_row:contains('anh@') button[name='action_try_again']",
            run: "click",
        },
        {
            content: "He is forgotten",
            trigger:
                ".o_field_widget[name='catchall_refused_sender_ids']:not(:has(.o_data_row:contains('anh@')))",
        },
        {
            content: "Try all others again",
            trigger: "button[name='action_catchall_try_refused']",
            run: "click",
        },
        {
            content: "Nobody is refused any more",
            trigger: ".o_form_view:not(:has(.o_data_row)):contains('accepts every sender')",
        },
    ],
});

// A mail waits, another one was perhaps sent.
registry.category("web_tour.tours").add("mail_catchall_router_perhaps_sent", {
    steps: () => [
        {
            content: "Show what was perhaps sent",
            trigger: ".o_searchview_dropdown_toggler",
            run: "click",
        },
        {
            content: "Choose the filter",
            trigger: ".o_filter_menu .o_menu_item:contains('Perhaps Sent')",
            run: "click",
        },
        {
            content: "Open the mail",
            trigger: ".o_data_row .o_data_cell:contains('Perhaps this one')",
            run: "click",
        },
        {
            content: "It says what happened",
            trigger: ".alert-warning:contains('nobody knows')",
        },
        {
            content: "The customer has got it",
            trigger: "button[name='action_catchall_was_sent']",
            run: "click",
        },
        {
            content: "It is not open any more",
            trigger: ".o_form_view:not(:has(.alert-warning:contains('nobody knows')))",
        },
    ],
});
