import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const MAIL = [
    "X-Original-To: nobody-here@test.mycompany.com",
    "From: Lan <lan@customer.example>",
    "To: nobody-here@test.mycompany.com",
    "Subject: A file",
    "Message-ID: <file@customer.example>",
    "",
    "Hello",
].join("\r\n");

// Find out what would become of a mail: once by its addresses, once by its file.
registry.category("web_tour.tours").add("mail_catchall_router_tester", {
    url: "/odoo",
    steps: () => [
        ...stepUtils.goToAppSteps(
            "mail_catchall_router.mail_catchall_menu_root",
            "Open the app Mail Router"
        ),
        {
            content: "Open the configuration",
            trigger:
                "[data-menu-xmlid='mail_catchall_router.mail_catchall_menu_configuration']",
            run: "click",
        },
        {
            content: "Open the route tester",
            trigger: "[data-menu-xmlid='mail_catchall_router.mail_catchall_tester_menu']",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=email_from] input",
            run: "edit lan@customer.example",
        },
        {
            trigger: ".o_field_widget[name=recipient] input",
            run: "edit sales@test.mycompany.com",
        },
        {
            content: "Test",
            trigger: "button[name=action_test]",
            run: "click",
        },
        {
            content: "It would be delivered",
            trigger: ".alert-success:contains('would be delivered')",
        },
        {
            content: "Its recipient and the document are named",
            trigger:
                ".o_field_widget[name=line_ids] .o_data_row:contains('sales@test.mycompany.com'):contains('New: Contact')",
        },
        {
            content: "And why",
            trigger: ".o_field_widget[name=why] li:contains('X-Original-To')",
        },
        {
            content: "Now with a file",
            trigger: ".o_field_widget[name=source] input[data-value=file]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=file] .o_input_file:not(:visible)",
            run: ({ anchor }) => {
                const files = new DataTransfer();
                files.items.add(new File([MAIL], "a.eml", { type: "message/rfc822" }));
                anchor.files = files.files;
                anchor.dispatchEvent(new Event("change", { bubbles: true }));
            },
        },
        {
            content: "The file is there",
            trigger: ".o_field_widget[name=file] input:value(a.eml)",
        },
        {
            content: "Test again",
            trigger: "button[name=action_test]",
            run: "click",
        },
        {
            content: "This one would wait for a person",
            trigger: ".alert-warning:contains('nobody-here@test.mycompany.com')",
        },
        {
            trigger:
                ".o_field_widget[name=line_ids] .o_data_row:contains('Held'):contains('Unknown address')",
        },
    ],
});
