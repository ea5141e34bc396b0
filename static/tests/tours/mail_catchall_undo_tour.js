import { registry } from "@web/core/registry";

// Write to a customer, change one's mind, and find the text again.
registry.category("web_tour.tours").add("mail_catchall_undo", {
    steps: () => [
        { trigger: "button.o-mail-Chatter-sendMessage", run: "click" },
        {
            trigger: ".o-mail-Composer-input",
            run: "edit Wrong price",
        },
        { trigger: ".o-mail-Composer button.o-mail-Composer-send:enabled", run: "click" },
        {
            content: "It waits, and can be taken back",
            trigger: ".o_notification.o_catchall_undo button:contains('Undo')",
            run: "click",
        },
        {
            content: "The text is there to be mended, with copies on offer",
            trigger: ".modal .o_mail_composer_form:contains('Wrong price')",
        },
        { trigger: ".modal [name=catchall_cc_ids]" },
        {
            content: "The message has gone",
            trigger: ".o-mail-Chatter:not(:has(.o-mail-Message-body:contains('Wrong price')))",
        },
    ],
});
