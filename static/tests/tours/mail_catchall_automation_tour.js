import { registry } from "@web/core/registry";

// Add the samples for the installed apps.
registry.category("web_tour.tours").add("mail_catchall_router_samples", {
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
            content: "Ask for the samples",
            trigger: "button[name=action_add_samples]",
            run: "click",
        },
        {
            content: "What is not possible says why",
            trigger: ".modal .o_data_row:contains('Scheduled action'):contains('switched off')",
        },
        {
            content: "Add the others",
            trigger: ".modal .o_data_row:contains('Template')",
        },
        {
            trigger: ".modal button[name=action_add]",
            run: "click",
        },
        {
            content: "It says what was added",
            trigger: ".o_notification:contains('Added: ')",
        },
        {
            trigger: "body:not(:has(.modal)) .o_form_view",
        },
    ],
});

// Choose a template on an alias.
registry.category("web_tour.tours").add("mail_catchall_router_acknowledge", {
    steps: () => [
        {
            content: "Type the template's name",
            trigger: ".o_field_widget[name=catchall_acknowledge_template_id] input",
            run: "edit Thank you",
        },
        {
            content: "Choose it",
            trigger: ".o-autocomplete--dropdown-item:contains('Thank you for writing')",
            run: "click",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            trigger: ".o_form_saved",
        },
    ],
});
