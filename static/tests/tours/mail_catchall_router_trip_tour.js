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
