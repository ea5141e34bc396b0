import { registry } from "@web/core/registry";

const step = (number, state) =>
    `.o_catchall_trip li:nth-child(${number})[data-state=${state}]`;

const press = { trigger: "button[name=action_round_trip]", run: "click" };

// Press the button and watch, without reloading anything, the mail come back.
registry.category("web_tour.tours").add("mail_catchall_router_trip", {
    steps: () => [
        press,
        {
            content: "It is sent, and waited for",
            trigger: `${step(2, "done")} + li[data-state=now]:contains("Waiting")`,
        },
        {
            content: "It comes back",
            trigger: `${step(3, "done")}:contains('has arrived')`,
        },
        {
            content: "The form knows it, too",
            trigger: ".o_form_view .o_field_widget[name=state]:contains('Arrived')",
        },
        { trigger: ".breadcrumb-item a:contains('Test router')", run: "click" },
        {
            content: "The router says when it was verified",
            trigger: "button[name=action_open_trips]:contains('Verified')",
        },
    ],
});

// The mail server knows no catch-all: it is said how to switch it on.
registry.category("web_tour.tours").add("mail_catchall_router_trip_refused", {
    steps: () => [
        press,
        {
            content: "The mail is not taken, and not waited for",
            trigger: `${step(2, "failed")} + li[data-state=todo]`,
        },
        {
            content: "In the server's words",
            trigger: ".o_catchall_findings :contains('no catch-all'):contains('User unknown')",
        },
        {
            content: "With the steps for this provider",
            trigger: ".o_catchall_findings ol li:contains('Domains >')",
        },
        { trigger: "button[name=action_again]", run: "click" },
        {
            content: "Another trip begins at once",
            trigger: ".breadcrumb-item a:contains('Round trip')",
        },
        { trigger: `${step(2, "failed")} + li[data-state=todo]` },
        { trigger: ".o_catchall_findings :contains('no catch-all')" },
    ],
});

// The mail lies in Junk: one click, and Odoo reads that folder too.
registry.category("web_tour.tours").add("mail_catchall_router_trip_junk", {
    steps: () => [
        press,
        {
            content: "It is found in a folder that nobody reads",
            trigger: `${step(3, "failed")}:contains('Junk')`,
        },
        {
            trigger: ".o_catchall_findings button[name=action_apply]:contains('Read This Folder Too')",
            run: "click",
        },
        {
            content: "The mail has arrived now",
            trigger: ".o_catchall_findings :contains('Odoo reads that folder')",
        },
        {
            trigger: `${step(3, "done")}:contains('has arrived')`,
        },
    ],
});
