import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { counted } from "./presses";

// The end of the assistant: how the catch-all is switched on, and the first mail,
// which appears without a reload.
registry.category("web_tour.tours").add("mail_catchall_setup_finish", {
    steps: () => [
        {
            content: "No menu has led here, and it looks as this app does",
            trigger: "body.o_catchall_app .o_form_view",
        },
        {
            content: "It is not green, and the provider's steps are there",
            trigger:
                ".alert-warning:contains('your catch-all is not switched on') li:contains('admin.google.com')",
        },
        { trigger: "div[name=done]:not(:has(.alert-success:visible))" },
        {
            content: "What comes next is blue: the steps, then the test",
            trigger: "div[name=done] .alert-warning .btn-primary:contains('Test Again')",
        },
        { trigger: "[data-first=waiting]:contains('As soon as the catch-all is on')" },
        ...counted({}, [
            {
                content: "It waits for the first mail",
                trigger: "[data-first=waiting]:contains('sales@')",
            },
            {
                content: "Here it is, and nobody has pressed anything",
                trigger: "[data-first=here]:contains('Your first lead')",
            },
        ]),
        { trigger: "[data-first=here] button", run: "click" },
        {
            content: "The lead is open",
            trigger: ".o_form_view .o_field_widget[name=name]:contains('A first question'), .o_form_view .o_field_widget[name=name] textarea:value('A first question'), .o_form_view .o_field_widget[name=name] input:value('A first question')",
        },
    ],
});

// While servers are looked for, the connection is lost and comes back.
let comeBack = () => {};

registry.category("web_tour.tours").add("mail_catchall_setup_search", {
    steps: () => [
        {
            trigger: ".o_field_widget[name=progress]:contains('Trying')",
            run() {
                const { XMLHttpRequest } = browser;
                browser.XMLHttpRequest = class extends XMLHttpRequest {
                    open(method, url) {
                        this.isOurs = url.includes("/mail.catchall.setup/action_");
                        super.open(...arguments);
                    }
                    send() {
                        if (this.isOurs) {
                            document.body.classList.add("catchall-lost");
                            this.dispatchEvent(new Event("error"));
                        } else {
                            super.send(...arguments);
                        }
                    }
                };
                comeBack = () => Object.assign(browser, { XMLHttpRequest });
            },
        },
        {
            content: "Who cancels without a connection is not heard yet",
            trigger: "body.catchall-lost .o_field_widget[name=progress] button:contains('Cancel')",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=progress]:has(button:disabled)",
            run: () => comeBack(),
        },
        { trigger: "h2:contains('Connect your mailbox')" },
    ],
});
