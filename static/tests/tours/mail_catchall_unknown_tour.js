import { registry } from "@web/core/registry";

registry.category("web_tour.tours").add("mail_catchall_router_candidates", {
    steps: () => [
        {
            content: "What may have been meant, and how sure that is",
            trigger:
                ".o_catchall_candidates .o_data_row:contains('mynamo'):contains('One letter differs')",
        },
        {
            content: "The user's address is a forward",
            trigger:
                ".o_catchall_candidates .o_data_row:contains('mynami') button:contains('Forward There')",
        },
        {
            trigger:
                ".o_catchall_candidates .o_data_row:contains('mynamo') button:contains('Deliver There')",
            run: "click",
        },
        {
            content: "The mail is delivered, and there is nothing to choose any more",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Delivered')",
        },
        {
            trigger: ".o_form_view:not(:has(.o_catchall_candidates))",
        },
    ],
});

registry.category("web_tour.tours").add("mail_catchall_router_unknown_policy", {
    steps: () => [
        {
            content: "The rest is out of the way until it is asked for",
            trigger: "details[name=advanced]:not([open]) summary:contains('Advanced')",
            run: "click",
        },
        {
            trigger: ".nav-link[name=routing]",
            run: "click",
        },
        {
            content: "Nothing is asked for that the policy does not need",
            trigger: ".o_form_view:not(:has([name=forward_user_id]))",
        },
        {
            trigger: ".o_field_widget[name=unknown_policy] input",
            run: "click",
        },
        {
            trigger: ".o_select_menu_item:contains('Put it on a document')",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=fallback_model_id]",
        },
        {
            trigger: ".o_field_widget[name=unknown_policy] input",
            run: "click",
        },
        {
            trigger: ".o_select_menu_item:contains('Tell the sender')",
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
