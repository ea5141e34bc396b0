import { registry } from "@web/core/registry";

// See whom the mail server lets the account write as, and what recipients will see.
registry.category("web_tour.tours").add("mail_catchall_router_identity", {
    steps: () => [
        {
            content: "The rest is out of the way until it is asked for",
            trigger: "details[name=advanced]:not([open]) summary:contains('Advanced')",
            run: "click",
        },
        {
            content: "Open what the router says of sending",
            trigger: ".nav-link:contains('Sending')",
            run: "click",
        },
        {
            content: "Ask the mail server",
            trigger: "button[name=action_check_senders]",
            run: "click",
        },
        {
            content: "The refused address is named, with the server's words",
            trigger:
                ".o_field_widget[name=line_ids] .o_data_row:contains('Refused'):contains('not owned by user')",
        },
        {
            content: "The others are accepted",
            trigger: ".o_field_widget[name=line_ids] .o_data_row:contains('Accepted')",
        },
        {
            content: "Open the outgoing server",
            trigger: ".o_field_widget[name=mail_server_id] a",
            run: "click",
        },
        {
            content: "Open what the router adds to it",
            trigger: ".nav-link:contains('Mail Router')",
            run: "click",
        },
        {
            content: "Look at what recipients see",
            trigger: "button:contains('What Recipients See')",
            run: "click",
        },
        {
            content: "The sender is shown, and why",
            trigger:
                ".modal .o_field_widget[name=header_from]:contains('@'), .modal .o_field_widget[name=why]:contains('address')",
        },
        {
            content: "Close it",
            trigger: ".modal footer .btn-primary:contains('Close')",
            run: "click",
        },
        {
            content: "The form is there again",
            trigger: "body:not(:has(.modal)) .o_form_view",
        },
    ],
});
