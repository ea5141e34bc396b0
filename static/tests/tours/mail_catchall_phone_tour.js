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
