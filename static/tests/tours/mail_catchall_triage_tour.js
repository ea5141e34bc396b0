import { queryAll } from "@odoo/hoot-dom";
import { browser } from "@web/core/browser/browser";
import { rpc } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { counted } from "./presses";

const tours = registry.category("web_tour.tours");
const row = (subject) => `.o_catchall_row:contains('${subject}')`;
const current = (subject) => `.o_catchall_current:contains('${subject}')`;
const toast = (words) => `.o_catchall_decided:contains('${words}')`;

function press(key) {
    return { content: `Press ${key}`, trigger: "body", run: `press ${key}` };
}

function isGone(subject) {
    return {
        content: `${subject} waits no more`,
        trigger: `.o_catchall_list:not(:has(${row(subject)}))`,
    };
}

// Decide with the keyboard alone: move, discard, block, take back, release spam.
tours.add("mail_catchall_triage_keys", {
    steps: () => [
        {
            content: "The newest mail is open, its text first, and its row has the focus",
            trigger: `${current("With a file")} .o_catchall_row_open:focus`,
        },
        {
            content: "The text is there, without what is hostile",
            trigger: ".o_catchall_text[sandbox='allow-popups']",
        },
        press("j"),
        { trigger: `${current("An offer")} .badge[data-reason=spam]` },
        {
            content: "Of spam the blue button is Discard, and nothing dangerous has the focus",
            trigger: ".o_catchall_bar .btn-primary[data-decision=discard]:not(:focus)",
        },
        press("r"),
        {
            content: "Releasing spam asks, and says what happens",
            trigger: ".modal:contains('as if the sender were real') .btn-danger:contains('Release'):not(:focus)",
        },
        { trigger: ".modal button:contains('Cancel')", run: "click" },
        { trigger: "body:not(:has(.modal))" },
        press("d"),
        isGone("An offer"),
        {
            content: "One toast, and it names the mail",
            trigger: toast("Discarded: An offer"),
        },
        {
            content: "The next one is open, and has the focus",
            trigger: `${current("An absence")} .o_catchall_row_open:focus`,
        },
        press("b"),
        isGone("An absence"),
        { trigger: toast("Blocked: An absence") },
        {
            content: "There is one toast only",
            trigger: "body",
            run() {
                if (queryAll(".o_catchall_decided").length !== 1) {
                    throw new Error("More than one toast");
                }
            },
        },
        {
            content: "Go elsewhere",
            trigger: ".o_menu_sections a:contains('Messages'), .o_menu_sections button:contains('Messages')",
            run: "click",
        },
        { trigger: ".o_list_view .o_data_row" },
        {
            trigger: ".o_menu_sections a:contains('To Decide'), .o_menu_sections button:contains('To Decide')",
            run: "click",
        },
        { trigger: ".o_catchall_triage .o_catchall_current" },
        ...counted({ keys: 1 }, [
            press("u"),
            {
                content: "What was decided before moving on is taken back",
                trigger: row("An absence"),
            },
        ]),
        press("u"),
        { content: "And the one before", trigger: row("An offer") },
        press("?"),
        { trigger: ".o_catchall_keys:contains('Next email')" },
        press("?"),
        { trigger: ".o_catchall_pane:not(:has(.o_catchall_keys))" },
        {
            content: "Put what has one sender together",
            trigger: ".o_catchall_by_sender",
            run: "click",
        },
        {
            content: "and choose all of the sender",
            trigger: ".o_catchall_sender button:contains('Choose all')",
            run: "click",
        },
        {
            trigger: ".o_catchall_count:contains('6 chosen') button[data-decision=discard]",
            run: "click",
        },
        { trigger: ".o_catchall_count:contains('Nothing is waiting')" },
        { trigger: toast("Discarded: 6 emails") },
        press("u"),
        { trigger: ".o_catchall_count:contains('6 emails are waiting')" },
        {
            content: "What is held for spam has a tab of its own",
            trigger: ".o_catchall_tabs button[data-tab=spam]",
            run: "click",
        },
        {
            content: "and is chosen at once",
            trigger: `.o_catchall_list:has(${row("An offer")}):not(:has(${row("An absence")})) .o_catchall_choose_all`,
            run: "click",
        },
        { trigger: ".o_catchall_count:contains(' chosen') button[data-decision=discard]" },
        {
            content: "All other mail stands without it",
            trigger: ".o_catchall_tabs button[data-tab=mail]",
            run: "click",
        },
        { trigger: `.o_catchall_list:has(${row("An absence")}):not(:has(${row("An offer")}))` },
    ],
});

// Put a mail off until Monday, and take that back.
tours.add("mail_catchall_triage_snooze", {
    steps: () => [
        { trigger: `${current("A held mail")} .o_catchall_row_open:focus` },
        press("s"),
        {
            trigger: ".modal .o_radio_item:contains('Monday morning') input",
            run: "click",
        },
        { trigger: ".modal .btn-primary:contains('Snooze')", run: "click" },
        isGone("A held mail"),
        { trigger: toast("Snoozed: A held mail") },
        { trigger: ".o_catchall_count:contains('Nothing is waiting')" },
        { trigger: ".o_catchall_snoozed:contains('1 snoozed')" },
        {
            content: "The bell counts it no more",
            trigger: ".o_catchall_held_menu:not(:has(.o_catchall_held_count))",
        },
        press("u"),
        { content: "It waits again", trigger: row("A held mail") },
        { trigger: ".o_catchall_count:not(:has(.o_catchall_snoozed))" },
    ],
});

// Take a mail on, and say something about it to colleagues alone.
tours.add("mail_catchall_triage_discuss", {
    steps: () => [
        { trigger: `${current("A held mail")} .o_catchall_row_open:focus` },
        press("a"),
        { trigger: ".modal .modal-footer .btn-primary", run: "click" },
        { trigger: `${row("A held mail")} .o_catchall_assigned` },
        press("c"),
        {
            content: "What is written here decides nothing",
            trigger: ".o_catchall_discussed .o-mail-Composer-input:focus",
            run: "edit Not ours, I think",
        },
        { trigger: ".o-mail-Composer-send:enabled", run: "click" },
        { trigger: ".o-mail-Message:contains('Not ours, I think')" },
        {
            content: "Nothing can be sent to anybody from here",
            trigger: ".o_catchall_discussed",
            run() {
                const button = document.querySelector(".o-mail-Chatter-sendMessage");
                if (getComputedStyle(button).display !== "none") {
                    throw new Error("A message could be sent");
                }
            },
        },
        { trigger: row("A held mail") },
        press("c"),
        press("c"),
        { trigger: ".o_catchall_discussed .o-mail-Composer-input:focus" },
        press("Escape"),
        {
            content: "The keys are for the list again",
            trigger: `.o_catchall_pane:not(:has(.o_catchall_discussed))`,
        },
        { trigger: `${current("A held mail")} .o_catchall_row_open:focus` },
    ],
});

// What is typed elsewhere decides nothing, and the list keeps its place.
tours.add("mail_catchall_triage_typing", {
    steps: () => [
        {
            content: "The list scrolls, the page around it does not",
            trigger: `${current("With a file")} .o_catchall_row_open:focus`,
            run() {
                const page = document.querySelector(".o_content.o_catchall_triage");
                document.querySelector(".o_catchall_list").style.maxHeight = "200px";
                if (page.scrollHeight > page.clientHeight) {
                    throw new Error(`${page.scrollHeight} in ${page.clientHeight} pixels`);
                }
            },
        },
        press("u"),
        {
            content: "What cannot be done is said without a dialog",
            trigger: ".o_notification:contains('no decision of yours left')",
        },
        { trigger: ".o_catchall_search", run: "edit absence" },
        { trigger: current("An absence") },
        {
            content: "Who types goes on typing when another mail comes up",
            trigger: ".o_catchall_search:focus",
        },
        press("Enter"),
        {
            content: "Enter leads to what was found",
            trigger: `${current("An absence")} .o_catchall_row_open:focus`,
        },
        { trigger: ".o_catchall_search", run: "edit nothing like it" },
        { trigger: ".o_catchall_count:contains('No email that waits fits')" },
        { trigger: ".o_catchall_show_all", run: "click" },
        {
            content: "The letters of a list of choices choose",
            trigger: `body:has(${row("An absence")}) .o_catchall_reason`,
            run() {
                this.anchor.focus();
            },
        },
        press("d"),
        { trigger: `body:not(:has(.modal)) ${row("With a file")}` },
        { trigger: `${row("An offer")} .o_catchall_row_open`, run: "click" },
        press("s"),
        { trigger: ".modal .btn-primary:contains('Snooze')", run: "click" },
        isGone("An offer"),
        {
            content: "After a dialog, the next one is open and has the focus",
            trigger: `${current("An absence")} .o_catchall_row_open:focus`,
        },
        press("u"),
        {
            content: "What was taken back is open again",
            trigger: `${current("An offer")} .o_catchall_row_open:focus`,
        },
        {
            content: "A colleague decides about it meanwhile",
            trigger: "body",
            async run() {
                const id = Number(document.querySelector(".o_catchall_current").dataset.id);
                await rpc("/web/dataset/call_kw/mail.catchall.message/action_discard", {
                    model: "mail.catchall.message",
                    method: "action_discard",
                    args: [[id]],
                    kwargs: {},
                });
            },
        },
        press("a"),
        { trigger: ".modal .modal-footer .btn-primary", run: "click" },
        {
            content: "The next one is open, and has the focus",
            trigger: `${current("An absence")} .o_catchall_row_open:focus`,
        },
        isGone("An offer"),
    ],
});

// What an input method writes, or a shortcut has, is no key of the list.
const NOT_MEANT = [
    { key: "đ", code: "KeyD" }, // UniKey, of "dd"
    { key: "đ", code: "KeyA" }, // OpenKey, of "dd": it names no key but the first
    { key: "Backspace", code: "Backspace" },
    { key: "Process", code: "KeyD", keyCode: 229 },
    { key: "d", code: "KeyD", isComposing: true },
    { key: "d", code: "KeyD", metaKey: true },
    { key: "d", code: "KeyD", ctrlKey: true },
    { key: "∂", code: "KeyD", altKey: true },
    { key: "ð", code: "KeyD", modifierAltGraph: true },
    { key: "d", code: "KeyD", repeat: true },
    { key: "Enter", code: "Enter", metaKey: true },
];
const say = (values) =>
    document.activeElement.dispatchEvent(
        new KeyboardEvent("keydown", { bubbles: true, cancelable: true, ...values })
    );

tours.add("mail_catchall_triage_written", {
    steps: () => [
        {
            content: "Nothing of it is taken for a key",
            trigger: `${current("A held mail")} .o_catchall_row_open:focus`,
            run() {
                for (const values of NOT_MEANT) {
                    if (!say(values)) {
                        throw new Error(`Taken for a key: ${JSON.stringify(values)}`);
                    }
                }
            },
        },
        {
            content: "Enter pressed twice asks once, and what comes after it decides nothing",
            trigger: `body:not(:has(.modal)) ${row("A held mail")}`,
            run() {
                for (const key of ["Enter", "Enter", "d"]) {
                    say({ key });
                }
            },
        },
        { trigger: ".modal .o_field_widget[name=address]:contains('nobody@')" },
        {
            content: "Nobody was told no",
            trigger: `body:not(:has(.o_notification)) ${row("A held mail")}`,
        },
        { trigger: ".modal button:contains('Cancel')", run: "click" },
        {
            content: "The letter on the key of another alphabet counts, in capitals, too",
            trigger: `body:not(:has(.modal)) ${current("A held mail")} .o_catchall_row_open`,
            run() {
                this.anchor.focus();
                say({ key: "В", code: "KeyD" });
            },
        },
        isGone("A held mail"),
        { trigger: toast("Discarded: A held mail") },
    ],
});

// What was decided without a connection is listed again, and read when there is one.
let comeBack = () => {};

tours.add("mail_catchall_triage_offline", {
    steps: () => [
        {
            content: "The connection is lost",
            trigger: `${current("With a file")} .o_catchall_row_open:focus`,
            run() {
                const { XMLHttpRequest } = browser;
                browser.XMLHttpRequest = class extends XMLHttpRequest {
                    open(method, url) {
                        this.isOurs = /action_discard|read_triage/.test(url);
                        super.open(...arguments);
                    }
                    send() {
                        if (this.isOurs) {
                            this.dispatchEvent(new Event("error"));
                        } else {
                            super.send(...arguments);
                        }
                    }
                };
                comeBack = () => Object.assign(browser, { XMLHttpRequest });
            },
        },
        press("d"),
        { trigger: ".o_notification:contains('“With a file” is listed again')" },
        {
            content: "The next one is open, and it is said why its text is not there",
            trigger: `body:has(${current("An offer")} .o_catchall_row_open:focus) .o_catchall_lost`,
        },
        {
            content: "It is counted again, too",
            trigger: `.o_catchall_list:has(${row("With a file")}) .o_catchall_count:contains('6 emails')`,
            run: () => comeBack(),
        },
        { trigger: `${row("An absence")} input[type=checkbox]`, run: "click" },
        press("d"),
        isGone("An absence"),
        {
            content: "The next look at the list reads the text",
            trigger: `.o_catchall_triage:has(${current("An offer")}):not(:has(.o_catchall_lost)) .o_catchall_text`,
        },
    ],
});

// A link to a mail that somebody has decided about opens no other one unsaid.
tours.add("mail_catchall_triage_linked", {
    steps: () => [
        { trigger: ".o_notification:contains('no longer waiting: Ignored')" },
        { trigger: current("With a file") },
    ],
});

// Many held mails, emptied by one key each.
tours.add("mail_catchall_triage_sixty", {
    steps: () => [
        { trigger: ".o_catchall_count:contains('60 emails are waiting')" },
        ...counted({ keys: 60 }, [
            ...[...Array(60).keys()].flatMap((number) => [
                {
                    content: "Its row has the focus",
                    trigger: `${current(`Number ${60 - number}.`)} .o_catchall_row_open:focus`,
                },
                press("d"),
            ]),
            {
                content: "All is gone, at the server too",
                timeout: 60000,
                trigger: "[aria-busy=false] .o_catchall_count:contains('Nothing is waiting')",
            },
        ]),
    ],
});

// An unknown address becomes a real one, and its mail is delivered: two clicks.
tours.add("mail_catchall_triage_create", {
    steps: () => counted({ clicks: 2 }, [
        {
            content: "1: the button in the row",
            trigger: `${row("A question")} .btn[data-decision=create_address]:contains('Create This Address')`,
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=address]:contains('unbekannt@')",
        },
        {
            content: "2: it is made as proposed",
            trigger: ".modal button[name=action_create]:contains('Create and Deliver')",
            run: "click",
        },
        isGone("A question"),
        {
            trigger: toast("Address created: unbekannt@"),
        },
    ]),
});

// A mail goes where it was probably meant: one click.
tours.add("mail_catchall_triage_choose", {
    steps: () => counted({ clicks: 1 }, [
        {
            trigger: `${row("A question")} .btn[data-decision=choose]:contains('Deliver to mynam')`,
            run: "click",
        },
        isGone("A question"),
        { trigger: toast("Routed: A question") },
    ]),
});

// A mail goes to the document that its sender has written to: a key and a click.
tours.add("mail_catchall_triage_route", {
    steps: () => [
        { trigger: `${current("A held mail")} .o_catchall_row_open:focus` },
        ...counted({ keys: 1, clicks: 1 }, [
            press("t"),
            {
                trigger:
                    ".modal .o_data_row:contains('A delivered mail') button:contains('Route There')",
                run: "click",
            },
            isGone("A held mail"),
            { trigger: toast("Routed: A held mail") },
        ]),
    ],
});

// What nobody needs is gone by one key.
tours.add("mail_catchall_triage_discard", {
    steps: () => [
        { trigger: `${current("A held mail")} .o_catchall_row_open:focus` },
        ...counted({ keys: 1 }, [
            press("d"),
            isGone("A held mail"),
            { trigger: toast("Discarded: A held mail") },
        ]),
    ],
});

// On a phone the list and the mail lie on each other.
tours.add("mail_catchall_triage_phone", {
    steps: () => [
        {
            content: "The list begins below the search, and ends on the screen",
            trigger: `.o_catchall_list:visible:has(${row("A held mail")})`,
            run() {
                const list = this.anchor.getBoundingClientRect();
                const panel = document.querySelector(".o_control_panel");
                const above = panel.getBoundingClientRect().bottom;
                if (list.top < above || list.bottom > window.innerHeight) {
                    throw new Error(`It is at ${list.top} to ${list.bottom}, below ${above}.`);
                }
            },
        },
        ...counted({ clicks: 1 }, [
            {
                content: "Spam goes by one tap, in the list",
                trigger: `${row("An offer")} button:visible:contains('Discard')`,
                run: "click",
            },
            isGone("An offer"),
        ]),
        ...counted({ clicks: 2 }, [
            {
                content: "What probably belongs somewhere has no such button in its row",
                trigger: `${row("A held mail")}:not(:has(.o_catchall_row_discard)) .o_catchall_row_open`,
                run: "click",
            },
            {
                content: "The mail covers the list",
                trigger:
                    "body:not(:has(.o_catchall_list:visible)) .o_catchall_bar:contains('Create')",
            },
            { trigger: ".o_catchall_bar .o_catchall_discard:visible", run: "click" },
            { trigger: toast("Discarded: A held mail") },
        ]),
        { trigger: ".o_catchall_count:contains('Nothing is waiting'):visible" },
        {
            content: "Nothing is wider than the screen",
            trigger: "body",
            run() {
                if (document.documentElement.scrollWidth > window.innerWidth) {
                    throw new Error("The page is wider than the screen");
                }
            },
        },
    ],
});

// The dashboard says first whether mail works, and makes an unknown address real: two clicks.
tours.add("mail_catchall_dashboard_create", {
    steps: () => [
        { trigger: ".o_catchall_working .o_catchall_health[data-state]" },
        ...counted({ clicks: 2 }, [
            {
                content: "1: the button beside the address",
                trigger: "[data-list=unknown] li:contains('nobody@') button:contains('Create')",
                run: "click",
            },
            {
                content: "2: it is made as proposed",
                trigger: ".modal button[name=action_create]:contains('Create and Deliver')",
                run: "click",
            },
            { trigger: toast("Address created: nobody@") },
        ]),
        { trigger: "[data-list=unknown]:not(:contains('nobody@'))" },
    ],
});

// The form asks before what a check has stopped is released.
tours.add("mail_catchall_form_release", {
    steps: () => [
        {
            content: "The blue button leaves it where it does no harm",
            trigger: ".o_statusbar_buttons button.btn-primary[name=action_discard]:first-child",
        },
        {
            content: "No dangerous button is the blue one",
            trigger: ".o_statusbar_buttons button[name=action_release]:not(.btn-primary)",
            run: "click",
        },
        {
            trigger: ".modal:contains('as if the sender were real') .btn-danger:not(:focus)",
        },
        { trigger: ".modal .btn-primary:contains('Cancel')", run: "click" },
        { trigger: "body:not(:has(.modal))" },
        { trigger: ".o_statusbar_buttons .o_catchall_more", run: "click" },
        {
            content: "Who allows the sender lets it pass, too",
            trigger: ".o-dropdown--menu button[name=action_allow_sender]",
            run: "click",
        },
        {
            trigger: ".modal:contains('what comes later passes the checks') .btn-danger:not(:focus)",
        },
        { trigger: ".modal .btn-primary:contains('Cancel')", run: "click" },
        {
            content: "It still waits",
            trigger: "body:not(:has(.modal)) .o_form_view .alert-warning:contains('Held: a person')",
        },
    ],
});

// The addresses, in words; a new one.
tours.add("mail_catchall_addresses", {
    steps: () => [
        {
            trigger: ".o_data_row:contains('sales@'):contains('Contact'):contains('Everyone') .o_catchall_alias",
        },
        {
            trigger: ".o_control_panel button:contains('Create an Address')",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=address] input",
            run: "edit shop@test.mycompany.com",
        },
        { trigger: ".modal .o_radio_item:contains('Another kind') input", run: "click" },
        { trigger: ".modal button[name=action_create]:visible", run: "click" },
        { trigger: toast("Address created: shop@") },
    ],
});
