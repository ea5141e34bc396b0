import { registry } from "@web/core/registry";

const item = (name, state) =>
    `.o_catchall_health [data-item=${name}][data-state=${state}]`;

// See at a glance that a router works.
registry.category("web_tour.tours").add("mail_catchall_router_health_ok", {
    steps: () => [
        {
            content: "It works, and says when the last mail came",
            trigger: `.o_catchall_health[data-state=ok]:has(${item("last_in", "ok").replace(
                ".o_catchall_health ",
                ""
            )}:contains('ago'))`,
        },
        {
            content: "Held mail is one click away",
            trigger: `${item("held", "ok")} button:contains('Decide')`,
            run: "click",
        },
        {
            content: "The quarantine shows this router's",
            trigger: ".o_list_view .o_data_row:contains('A held mail')",
        },
    ],
});

// Find out what is wrong with a router, and mend one thing.
registry.category("web_tour.tours").add("mail_catchall_router_health_problem", {
    steps: () => [
        {
            content: "The list says which router needs somebody",
            trigger: ".o_data_row .o_field_widget[name=health] .text-bg-danger",
        },
        {
            trigger: ".o_data_row:contains('Test router') .o_data_cell[name=name]",
            run: "click",
        },
        {
            content: "The server's own words are said",
            trigger: `${item("incoming", "problem")}:contains('Invalid credentials')`,
        },
        {
            content: "What is unread in Junk can be read with one click",
            trigger: `${item("junk", "warning")}:contains('not read: 3') button`,
            run: "click",
        },
        {
            content: "It is no question any more, the rest still is",
            trigger: `.o_catchall_health:has([data-item=junk][data-state=ok]) [data-item=incoming][data-state=problem]`,
        },
    ],
});
