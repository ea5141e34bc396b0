import { registry } from "@web/core/registry";

function isChosen(period) {
    return { trigger: `[data-period=${period}][aria-pressed=true]` };
}

function onlyHeld(view, record) {
    return `${view}:not(:has(${record}:contains('A delivered mail'))) ${record}:contains('A held mail')`;
}

// See how the mail of the last days has fared, and go to the mails behind a number.
registry.category("web_tour.tours").add("mail_catchall_dashboard", {
    url: "/odoo/mail-router-dashboard",
    steps: () => [
        {
            content: "One mail waits for a person",
            trigger: "[data-tile=waiting-held]:contains('1')",
        },
        {
            content: "Two came in within the last seven days, and the chart is drawn",
            trigger: "[data-tile=all]:contains('2')",
            run() {
                const chart = document.querySelector(".o_catchall_chart canvas");
                if (!chart.getAttribute("aria-label") || !chart.clientHeight) {
                    throw new Error("There is no chart, or it has no name.");
                }
            },
        },
        {
            content: "Who does not see the chart reads its numbers",
            trigger: ".o_catchall_dashboard summary",
            run: "click",
        },
        {
            trigger: ".o_catchall_dashboard tbody tr:last-child td:contains('1')",
        },
        {
            content: "Nothing is wider than the screen",
            trigger: ".o_catchall_dashboard",
            run({ anchor }) {
                if (anchor.scrollWidth > anchor.clientWidth) {
                    throw new Error("The dashboard must be scrolled sideways.");
                }
            },
        },
        {
            content: "However many tiles there are, no line of them ends in a hole",
            trigger: ".o_catchall_ends",
            run({ anchor }) {
                const { right } = anchor.getBoundingClientRect();
                const last = anchor.lastElementChild.getBoundingClientRect();
                if (Math.abs(right - last.right) > 1) {
                    throw new Error(`The last tile ends at ${last.right}, the line at ${right}.`);
                }
            },
        },
        { trigger: "[data-period=today]", run: "click" },
        isChosen("today"),
        { trigger: ".o_catchall_dashboard tbody tr:nth-child(24)" },
        {
            content: "Go to the unknown address that was written to",
            trigger: "[data-list=unknown] button:contains('nobody@')",
            run: "click",
        },
        {
            content: "On a phone it is a card",
            trigger: [".o_list_view .o_data_row", ".o_kanban_view .o_kanban_record"]
                .map((row) => `body:not(:has(${row}:contains('sales@'))) ${row}:contains('nobody@')`)
                .join(", "),
        },
        {
            content: "Come back: the chosen time is remembered",
            trigger: ".o_back_button, .breadcrumb-item a",
            run: "click",
        },
        isChosen("today"),
        {
            content: "Go to what waits",
            trigger: "[data-tile=waiting-held]",
            run: "click",
        },
        {
            content: "Rows on a large screen, cards on a phone",
            trigger: [
                onlyHeld(".o_list_view", ".o_data_row"),
                onlyHeld(".o_kanban_view", ".o_kanban_record"),
            ].join(", "),
        },
    ],
});

// The same numbers as graphs and pivot tables.
registry.category("web_tour.tours").add("mail_catchall_reports", {
    url: "/odoo/mail-router-incoming-report",
    steps: () => [
        { trigger: ".o_graph_canvas_container canvas" },
        { trigger: ".o_searchview_dropdown_toggler", run: "click" },
        {
            trigger: ".o_group_by_menu .o_menu_item:contains('Hour of the Day')",
            run: "click",
        },
        {
            trigger: ".o_searchview_facet:contains('Hour of the Day')",
        },
        { trigger: ".o_graph_canvas_container canvas" },
        { trigger: ".o_switch_view.o_pivot", run: "click" },
        { trigger: ".o_pivot td.o_pivot_cell_value:contains('1')" },
        {
            trigger: "[data-menu-xmlid='mail_catchall_router.mail_catchall_menu_reporting']",
            run: "click",
        },
        {
            trigger:
                "[data-menu-xmlid='mail_catchall_router.mail_catchall_delivery_report_menu']",
            run: "click",
        },
        {
            trigger: ".o_last_breadcrumb_item:contains('Recipients'), .o_breadcrumb .active:contains('Recipients')",
        },
        { trigger: ".o_graph_canvas_container canvas" },
        {
            trigger: "[data-menu-xmlid='mail_catchall_router.mail_catchall_menu_reporting']",
            run: "click",
        },
        {
            trigger: "[data-menu-xmlid='mail_catchall_router.mail_catchall_sent_menu']",
            run: "click",
        },
        {
            trigger: ".o_last_breadcrumb_item:contains('Outgoing Mail'), .o_breadcrumb .active:contains('Outgoing Mail')",
        },
        { trigger: ".o_graph_canvas_container canvas" },
    ],
});
