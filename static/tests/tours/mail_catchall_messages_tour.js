import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { counted } from "./presses";

const tours = registry.category("web_tour.tours");
const row = (subject) => `.o_data_row:contains('${subject}')`;
const unread = (subject) => `.o_data_row.fw-bold:contains('${subject}')`;
const read = (subject) => `.o_data_row:not(.fw-bold):contains('${subject}')`;

/** Let the calls of a method wait so long before they leave the browser. */
function delay(method, milliseconds) {
    browser.XMLHttpRequest = class extends browser.XMLHttpRequest {
        open(verb, url, ...options) {
            this.waits = url.endsWith(`/${method}`);
            super.open(verb, url, ...options);
        }

        send(body) {
            setTimeout(() => super.send(body), this.waits ? milliseconds : 0);
        }
    };
}

// Where each mail went stands in the list, and opens it.
tours.add("mail_catchall_went_to", {
    steps: () => [
        ...counted({}, [
            {
                trigger:
                    ".o_data_row:contains('A delivered mail') .o_field_widget[name=went_to] button:contains('A delivered mail')",
            },
            {
                content: "Of several, how many",
                trigger: `${row("For two of us")} .o_field_widget[name=went_to] button:contains('2 documents')`,
            },
        ]),
        {
            trigger: `${row("A delivered mail")} .o_field_widget[name=went_to] button`,
            run: "click",
        },
        { trigger: ".o_form_view .o-mail-Chatter" },
    ],
});

// What is unread is bold, until it is opened, or all is marked as read.
tours.add("mail_catchall_messages_unread", {
    steps: () => [
        {
            content: "It is seen with any font: few have the medium weight of Odoo's bold",
            trigger: unread("A held mail"),
            run() {
                const weight = getComputedStyle(this.anchor).fontWeight;
                if (Number(weight) < 700) {
                    throw new Error(`What is unread has the weight ${weight}.`);
                }
            },
        },
        {
            content: "Its reader is back before the server has heard of it",
            trigger: "body",
            run: () => delay("action_mark_read", 2000),
        },
        { trigger: `${unread("A delivered mail")} .o_data_cell[name=subject]`, run: "click" },
        { trigger: ".o_form_view h1:contains('A delivered mail')" },
        { trigger: ".o_back_button, .breadcrumb-item a", run: "click" },
        { content: "It is read, the other is not", trigger: read("A delivered mail") },
        { trigger: unread("A held mail") },
        { trigger: ".o_searchview_dropdown_toggler", run: "click" },
        { trigger: ".o_menu_item:contains('Unread')", run: "click" },
        { trigger: `.o_list_view:not(:has(${row("A delivered mail")})):has(${row("A held mail")})` },
        { trigger: ".o_control_panel button:contains('Mark All as Read')", run: "click" },
        { trigger: `.o_list_view:not(:has(${row("A held mail")}))` },
    ],
});

// A mail is found by words of its text, without the accents that stand in it.
tours.add("mail_catchall_messages_search", {
    steps: () => [
        { trigger: row("A delivered mail") },
        { trigger: ".o_searchview_input", run: "edit help me" },
        { trigger: ".o_searchview_autocomplete .o-dropdown-item:contains('help me')" },
        { trigger: ".o_searchview_input", run: "press Enter" },
        {
            trigger: `.o_list_view:has(${row("A held mail")}):not(:has(${row("A delivered mail")}))`,
        },
    ],
});

function pressEnter(element, options) {
    const how = { key: "Enter", bubbles: true, cancelable: true, ...options };
    element.dispatchEvent(new KeyboardEvent("keydown", how));
}

// A search that is saved where one decides is there the next time, in the table too.
tours.add("mail_catchall_triage_favourite", {
    steps: () => [
        { trigger: ".o_catchall_row:contains('An offer')" },
        { trigger: ".o_catchall_search", run: "edit absence" },
        {
            trigger: ".o_catchall_list:not(:has(.o_catchall_row:contains('An offer'))) .o_catchall_row:contains('An absence')",
        },
        { trigger: ".o_catchall_favourites", run: "click" },
        {
            content: "A menu has nothing but what it offers",
            trigger: "[role=menu]:has(.o_catchall_save_search):not(:has(input, button))",
        },
        { trigger: ".o_catchall_save_search", run: "click" },
        { content: "No name, nothing to save", trigger: ".o_catchall_favourite_save:disabled" },
        { trigger: ".o_catchall_favourite_name:focus", run: "edit Awa" },
        {
            content: "Enter that only ends a composed letter saves nothing",
            trigger: ".o_catchall_favourite_name:focus",
            run: ({ anchor }) => pressEnter(anchor, { isComposing: true }),
        },
        { trigger: ".o_catchall_favourite_name:focus", run: "edit Away" },
        {
            content: "Two of them save it once",
            trigger: ".o_catchall_favourite_name:focus",
            run({ anchor }) {
                pressEnter(anchor);
                pressEnter(anchor);
            },
        },
        { trigger: "body:not(:has(.modal))" },
        {
            content: "It is applied in place of what was typed",
            trigger: ".o_catchall_search:not(:value(absence))",
        },
        { trigger: ".o_catchall_favourites.active" },
        {
            trigger: ".o_catchall_list:not(:has(.o_catchall_row:contains('An offer'))) .o_catchall_row:contains('An absence')",
        },
        {
            content: "In the table it is among the favourites",
            trigger: "button:contains('As a Table')",
            run: "click",
        },
        { trigger: ".o_list_view .o_data_row" },
        { trigger: ".o_searchview_dropdown_toggler", run: "click" },
        { trigger: ".o_favorite_menu .o_menu_item:contains('Away')" },
        { trigger: ".o_back_button, .breadcrumb-item a", run: "click" },
        { trigger: ".o_catchall_row:contains('An offer')" },
        { trigger: ".o_catchall_favourites", run: "click" },
        { trigger: ".o-dropdown-item:contains('Away')", run: "click" },
        {
            trigger: ".o_catchall_list:not(:has(.o_catchall_row:contains('An offer'))) .o_catchall_row:contains('An absence')",
        },
        { trigger: ".o_catchall_favourites.active", run: "click" },
        {
            content: "Once more, and all mail is there again",
            trigger: ".o-dropdown-item.selected:contains('Away')",
            run: "click",
        },
        { trigger: ".o_catchall_row:contains('An offer')" },
    ],
});

// The cards of a phone say the same.
tours.add("mail_catchall_messages_unread_on_a_phone", {
    steps: () => [
        {
            trigger: ".o_kanban_record:contains('A held mail') .fw-bold:contains('A held mail')",
        },
        { trigger: ".o_kanban_record:contains('A held mail')", run: "click" },
        { trigger: ".o_form_view h1:contains('A held mail')" },
        { trigger: ".o_back_button, .breadcrumb-item a", run: "click" },
        {
            trigger:
                ".o_kanban_record:contains('A held mail'):not(:has(.fw-bold:contains('A held mail')))",
        },
        {
            trigger:
                ".o_kanban_record:contains('A delivered mail') .fw-bold:contains('A delivered mail')",
        },
    ],
});
