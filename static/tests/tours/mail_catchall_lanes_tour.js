import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("mail_catchall_router_lanes", {
    url: "/odoo/mail-router-settings",
    steps: () => [
        {
            content: "There are two lanes at first",
            trigger: ".o_field_widget[name=catchall_lanes] input:value(2)",
            run: "edit 4",
        },
        {
            content: "Save",
            trigger: ".o_form_button_save",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "Now there are four",
            trigger: ".o_field_widget[name=catchall_lanes] input:value(4)",
        },
    ],
});
