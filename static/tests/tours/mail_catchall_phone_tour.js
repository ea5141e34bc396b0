import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("mail_catchall_quarantine_on_a_phone", {
    steps: () => [
        {
            content: "Subject, state and reason are in sight, not beside the screen",
            trigger: ".o_kanban_record:contains('A held mail'):contains('Held')",
            run: "click",
        },
        {
            content: "It can be decided about; what is less likely is in the menu",
            trigger: ".o_form_view button[name=action_create_address]",
        },
        {
            content: "No gear opens an empty sheet",
            trigger: "body:not(:has(.o_cp_action_menus .fa-cog))",
        },
    ],
});

registry.category("web_tour.tours").add("mail_catchall_rule_on_a_phone", {
    steps: () => [
        {
            trigger: ".o_control_panel .o-kanban-button-new",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=name] input",
            run: "edit Offers",
        },
        {
            content: "A condition has a window, where all of it is in sight",
            trigger: ".o_field_widget[name=condition_ids] .o-kanban-button-new",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=value] input",
            run: "edit offer",
        },
        {
            trigger: ".modal .o_form_button_save",
            run: "click",
        },
        {
            content: "Its card is a sentence",
            trigger:
                ".o_field_widget[name=condition_ids] .o_kanban_record:contains('Subject contains “offer”')",
        },
        {
            trigger: ".o_field_widget[name=action] input",
            run: "click",
        },
        {
            trigger: ".o_select_menu_item:contains('Discard it')",
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

registry.category("web_tour.tours").add("mail_catchall_sender_on_a_phone", {
    steps: () => [
        {
            trigger: ".o_control_panel .o-kanban-button-new",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=pattern] input",
            run: "edit spam.customer.example",
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
