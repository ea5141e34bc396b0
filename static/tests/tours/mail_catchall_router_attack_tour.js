import { registry } from "@web/core/registry";

// Decide about all mails of an attack at once; the quarantine is free of them.
registry.category("web_tour.tours").add("mail_catchall_router_attack", {
    url: "/odoo/mail-router-triage",
    steps: () => [
        {
            content: "Other mail waits here, none of the attack",
            trigger:
                ".o_catchall_list:not(:has(.o_catchall_row:contains('Probe'))) .o_catchall_row:contains('A held mail')",
        },
        {
            trigger: "[data-menu-xmlid='mail_catchall_router.mail_catchall_attack_menu']",
            run: "click",
        },
        {
            content: "It is one line, with who and how many",
            trigger: ".o_data_row:contains('robot@attacker.example'):contains('12') .o_data_cell[name=name]",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_data_row:contains('Probe 7'):contains('qwx7zzkj@')",
        },
        {
            trigger: "button[name=action_discard]",
            run: "click",
        },
        {
            trigger: ".o_arrow_button_current:contains('Discarded')",
        },
        {
            trigger: ".o_form_view .o_data_row:contains('Probe 7'):contains('Ignored')",
        },
    ],
});
