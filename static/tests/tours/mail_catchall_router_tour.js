import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

// Find out what became of two mails: one that is held, one that is on a record.
registry.category("web_tour.tours").add("mail_catchall_router_messages", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps(
            "mail_catchall_router.mail_catchall_menu_root",
            "Open the app Mail Router"
        ),
        {
            content: "What came in, in words and numbers",
            trigger: "[data-tile=all]:contains('2'), [data-tile=waiting-held]:contains('1')",
        },
        {
            content: "Go to the list",
            trigger: "[data-menu-xmlid='mail_catchall_router.mail_catchall_message_menu']",
            run: "click",
        },
        {
            content: "Both mails are in the list, each with its state",
            trigger:
                ".o_data_row:contains('A held mail'):contains('Held'), .o_data_row:contains('A delivered mail'):contains('Delivered')",
        },
        {
            content: "Open the menu of the filters",
            trigger: ".o_searchview_dropdown_toggler",
            run: "click",
        },
        {
            content: "Show held mail only",
            trigger: ".o_filter_menu .o_menu_item:contains('Held')",
            run: "click",
        },
        {
            content: "The delivered mail is out of sight",
            trigger: ".o_list_view:not(:has(.o_data_row:contains('A delivered mail')))",
        },
        {
            content: "Open the held mail",
            trigger: ".o_data_row .o_data_cell:contains('A held mail')",
            run: "click",
        },
        {
            content: "It says why it is held",
            trigger: ".alert-warning:contains('No alias, message or document')",
        },
        {
            content: "Its text is shown",
            trigger:
                ".o_field_widget[name=preview] :iframe body:contains('Can you help me?')",
        },
        {
            content: "Ask why",
            trigger: ".nav-link:contains('Why')",
            run: "click",
        },
        {
            content: "The header that the decision rests on is named",
            trigger: ".o_field_widget[name=why] li:contains('X-Original-To')",
        },
        {
            content: "Look at the headers",
            trigger: ".nav-link:contains('Headers')",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=header_text]:contains('Received: from')",
        },
        {
            content: "Go back to the list",
            trigger: ".o_breadcrumb .o_back_button, .breadcrumb-item a",
            run: "click",
        },
        {
            content: "Show all mail again",
            trigger: ".o_searchview_facet:contains('Held') .o_facet_remove",
            run: "click",
        },
        {
            content: "Open the delivered mail",
            trigger: ".o_data_row .o_data_cell:contains('A delivered mail')",
            run: "click",
        },
        {
            content: "Open the record that it is on",
            trigger:
                ".o_field_widget[name=delivery_ids] .o_data_row:contains('Alias') button[name=action_open_record]",
            run: "click",
        },
        {
            content: "Here it is",
            trigger:
                ".o_form_view .o_field_widget[name=name]:contains('A delivered mail'), .o_form_view .o_field_widget[name=name] :value('A delivered mail')",
        },
    ],
});

// Set up a mailbox: half a form is refused, a whole one makes the router.
registry.category("web_tour.tours").add("mail_catchall_router_settings", {
    url: "/odoo/mail-router-settings",
    steps: () => [
        {
            content: "Type the address of the mailbox",
            trigger: ".o_field_widget[name=catchall_mailbox] input",
            run: "edit thu@tour.example",
        },
        {
            content: "Type its password",
            trigger: ".o_field_widget[name=catchall_password] input[type=password]",
            run: "edit typed-secret",
        },
        {
            content: "The domain follows from the address",
            trigger: ".o_field_widget[name=catchall_domain] input:value(tour.example)",
        },
        {
            content: "Test what is not filled in yet",
            trigger: "button[name=action_catchall_test_incoming]",
            run: "click",
        },
        {
            content: "One sentence says what is missing",
            trigger: ".o_error_dialog:contains('please fill in Incoming Server Name')",
        },
        {
            trigger: ".modal-footer button:contains('Close')",
            run: "click",
        },
        {
            content: "The password doesn't come back",
            trigger:
                ".o_field_widget[name=catchall_password] input[placeholder=unchanged]:value(/^$/)",
        },
        {
            trigger: ".o_field_widget[name=catchall_incoming_host] input",
            run: "edit imap.tour.example",
        },
        {
            trigger: ".o_field_widget[name=catchall_outgoing_host] input",
            run: "edit smtp.tour.example",
        },
        {
            content: "Save",
            trigger: ".o_form_button_save",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The router is there",
            trigger:
                ".o_setting_box:contains('tour.example') button[name=action_catchall_open_router]",
            run: "click",
        },
        {
            trigger:
                ".o_form_view .o_field_widget[name=account_email] input:value(thu@tour.example)",
        },
    ],
});

// Write a rule, see what it would have matched before it is saved, put it first.
registry.category("web_tour.tours").add("mail_catchall_router_rules", {
    url: "/odoo/mail-router-rules",
    steps: () => [
        {
            content: "There is a rule already",
            trigger: ".o_list_view .o_data_row:contains('A rule')",
        },
        {
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=name] input, .o_field_widget[name=name] textarea",
            run: "edit Invoices",
        },
        {
            content: "Nothing to test yet",
            trigger: ".o_field_widget[name=trial_result]:contains('Add a condition')",
        },
        {
            content: "First condition: who wrote it",
            trigger: ".o_field_widget[name=condition_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            trigger: ".o_selected_row .o_field_widget[name=field] input",
            run: "click",
        },
        {
            trigger: ".o_select_menu_item:contains(\"Sender's domain\")",
            run: "click",
        },
        {
            content: "The operators are those that make sense",
            trigger: ".o_selected_row .o_field_widget[name=operator] input",
            run: "click",
        },
        {
            trigger:
                ".o_select_menu_menu:not(:has(.o_select_menu_item:contains('greater'))) .o_select_menu_item:contains('ends with')",
            run: "click",
        },
        {
            trigger: ".o_selected_row .o_field_widget[name=value] input",
            run: "edit customer.example",
        },
        {
            content: "Second condition: a regular expression on the subject",
            trigger: ".o_field_widget[name=condition_ids] .o_field_x2many_list_row_add a",
            run: "click",
        },
        {
            content: "Both mails would have matched the first one",
            trigger:
                ".o_field_widget[name=trial_result]:contains('2 of 2 matched')",
        },
        {
            trigger: ".o_selected_row .o_field_widget[name=operator] input",
            run: "click",
        },
        {
            trigger: ".o_select_menu_item:contains('regular expression')",
            run: "click",
        },
        {
            trigger: ".o_selected_row .o_field_widget[name=value] input",
            run: "edit ^a (held",
        },
        {
            trigger: ".o_form_sheet .oe_title",
            run: "click",
        },
        {
            content: "A mistake in it is a sentence at once",
            trigger: ".o_field_widget[name=trial_result]:contains('bracket is not closed')",
        },
        {
            trigger:
                ".o_field_widget[name=condition_ids] .o_data_row:eq(1) .o_data_cell[name=value]",
            run: "click",
        },
        {
            trigger: ".o_selected_row .o_field_widget[name=value] input",
            run: "edit ^a (held|lost) mail$",
        },
        {
            trigger: ".o_form_sheet .oe_title",
            run: "click",
        },
        {
            content: "What it would have matched, before it is saved",
            trigger:
                ".o_form_dirty .o_field_widget[name=trial_result]:contains('1 of 2 matched')",
        },
        {
            trigger:
                ".o_field_widget[name=trial_message_ids] .o_data_row:contains('A held mail')",
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
            content: "Only what the action needs is asked for",
            trigger: ".o_form_view:not(:has(.o_field_widget[name=alias_id]))",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            trigger: ".o_form_saved",
        },
        {
            trigger: ".o_breadcrumb .o_back_button, .breadcrumb-item a",
            run: "click",
        },
        {
            content: "It stands below the other one, its conditions in words",
            trigger:
                ".o_data_row:eq(1):contains('Invoices'):contains('Subject matches')",
        },
        {
            content: "Put it first",
            trigger: ".o_data_row:eq(1) .o_row_handle",
            run: "drag_and_drop(.o_data_row:eq(0))",
        },
        {
            trigger: ".o_data_row:eq(0):contains('Invoices')",
        },
    ],
});
