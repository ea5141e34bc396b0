import { queryFirst } from "@odoo/hoot-dom";
import { delay } from "@web/core/utils/concurrency";
import { registry } from "@web/core/registry";

const row = (subject) => `.o_data_row:contains('${subject}')`;

function select(subject) {
    return {
        content: `Choose ${subject}`,
        trigger: `${row(subject)} .o_list_record_selector input`,
        // A list that is being loaded anew forgets what was chosen before: as a person
        // would, it is chosen again.
        run: async (helpers) => {
            for (let tries = 0; tries < 20; tries++) {
                if (!queryFirst(`${row(subject)}.o_data_row_selected`)) {
                    await helpers.click(`${row(subject)} .o_list_record_selector input`);
                }
                await delay(300);
                if (queryFirst(`${row(subject)}.o_data_row_selected`)) {
                    break;
                }
            }
        },
    };
}

function isGone(subject) {
    return {
        content: `${subject} waits no more`,
        trigger: `.o_list_view:not(:has(${row(subject)}))`,
    };
}

function press(name) {
    return {
        trigger: `.o_control_panel button[name=${name}], .o_statusbar_buttons button[name=${name}]`,
        run: "click",
    };
}

const LAST_BUTTON = ".o_selection_container button[name=action_undo]";

function isUncovered() {
    return {
        content: "Nothing lies on the last of the decisions",
        trigger: LAST_BUTTON,
        run() {
            const { x, y, width, height } = this.anchor.getBoundingClientRect();
            const top = document.elementFromPoint(x + width / 2, y + height / 2);
            if (!this.anchor.contains(top)) {
                throw new Error(`${top?.outerHTML} lies on it`);
            }
        },
    };
}

// Decide about held mail from the list: release, route to, block, undo, not
// spam, reject.
registry.category("web_tour.tours").add("mail_catchall_router_quarantine_list", {
    url: "/odoo/mail-router-quarantine",
    steps: () => [
        {
            content: "Held mail is in the list, each with its reasons; the rest isn't",
            trigger: `.o_list_view:not(:has(${row("A delivered mail")})) ${row(
                "An offer"
            )} .badge[data-reason=spam]:contains('Spam')`,
        },
        {
            content: "Who wrote it is there by name, with the domain and without signs",
            trigger: `${row("An offer")} [name=email_from] span:contains('Lan Nguyen customer.example')`,
        },
        {
            content: "A mail may wait for several reasons",
            trigger: `${row("An absence")}:has([data-reason=spam]) [data-reason=auto_reply]`,
        },
        {
            content: "A paper clip marks files",
            trigger: `${row("With a file")} .fa-paperclip`,
        },

        select("An absence"),
        isUncovered(),
        press("action_release"),
        {
            content: "Releasing spam asks, and the answer that has the focus is no",
            trigger: ".modal:contains('as if the sender were real') .btn-danger:not(:focus)",
        },
        { trigger: ".modal .btn-primary:contains('Cancel')", run: "click" },
        { trigger: `body:not(:has(.modal)) ${row("An absence")}` },
        select("An absence"),
        press("action_release"),
        { trigger: ".modal .btn-danger:contains('Release')", run: "click" },
        isGone("An absence"),
        {
            content: "It is said what became of it, without Undo: there is a document",
            trigger:
                ".o_catchall_decided:contains('Released'):contains('Delivered'):not(:has(button:contains('Undo')))",
        },

        select("A held mail"),
        press("action_route_to"),
        {
            trigger: ".modal .o_field_widget[name=alias_id] input",
            run: "edit sales@",
        },
        {
            trigger: ".modal .o-autocomplete--dropdown-item:contains('sales@')",
            run: "click",
        },
        { trigger: ".modal button[name=action_route]", run: "click" },
        isGone("A held mail"),

        select("An offer"),
        press("action_block_sender"),
        isGone("An offer"),
        {
            content: "Take it back at once",
            trigger: ".o_catchall_decided:contains('Blocked') button:contains('Undo')",
            run: "click",
        },
        {
            content: "It waits again",
            trigger: row("An offer"),
        },
        select("An offer"),
        press("action_not_spam"),
        isGone("An offer"),

        select("A question"),
        press("action_reject"),
        {
            content: "Tell the sender why",
            trigger: ".modal .o_field_widget[name=body] textarea",
            run: "edit Please write to sales.",
        },
        { trigger: ".modal button[name=action_reject]", run: "click" },
        isGone("A question"),
        {
            content: "It can be taken back while the answer waits",
            trigger: ".o_catchall_decided:contains('Rejected') button:contains('Undo')",
            run: "click",
        },
        { trigger: row("A question") },
        select("A question"),
        press("action_reject"),
        {
            trigger: ".modal .o_field_widget[name=body] textarea:value(we cannot accept it)",
        },
        { trigger: ".modal button[name=action_reject]", run: "click" },
        isGone("A question"),

        select("With a file"),
        press("action_discard"),
        isGone("With a file"),
        {
            content: "Look at what was decided today",
            trigger: ".o_searchview_facet .o_facet_remove",
            run: "click",
        },
        {
            trigger: ".o_searchview_dropdown_toggler",
            run: "click",
        },
        {
            trigger: ".o_filter_menu .o_menu_item:contains('Decided Today')",
            run: "click",
        },
        isGone("Left alone"),
        {
            content: "Documents that were made are there too",
            trigger: `.o_list_view:has(${row("A held mail")}) ${row("With a file")}`,
        },
        select("With a file"),
        press("action_undo"),
        isGone("With a file"),
    ],
});

// Work through the quarantine with the keyboard, one mail after the other.
registry.category("web_tour.tours").add("mail_catchall_router_quarantine_form", {
    url: "/odoo/mail-router-quarantine",
    steps: () => [
        {
            trigger: `${row("With a file")} [name=subject]`,
            run: "click",
        },
        {
            content: "Nothing hostile is in the preview, and its text is",
            trigger:
                ".o_field_widget[name=preview] :iframe body:not(:has(script, form, input, svg, [src], [onerror])):contains('Log in')",
        },
        {
            content: "It has run nothing",
            trigger: "body",
            run() {
                if (window.hacked || document.querySelector("#hacked")) {
                    throw new Error("The preview has run a script of the sender's.");
                }
            },
        },
        {
            content: "What is seldom decided is in the menu, all else on one line",
            trigger: ".o_statusbar_buttons:not(:has(> button:nth-of-type(6))) .o_catchall_more",
            run: "click",
        },
        {
            trigger: ".o-dropdown--menu:not(:has([name=action_discard])) [name=action_test_again]",
            run: "click",
        },
        {
            content: "Test Again opens the tester, and the way back is there",
            trigger: ".o_form_view button[name=action_test]",
        },
        {
            trigger: ".o_breadcrumb .o_back_button, .breadcrumb-item a:contains('With a file')",
            run: "click",
        },
        {
            content: "The key of a decision in the menu works",
            trigger: ".o_statusbar_buttons .o_catchall_more",
            run: "press alt+z",
        },
        { trigger: ".modal .o_form_button_cancel, .modal .btn-close", run: "click" },
        {
            content: "Discard it with the keyboard",
            trigger:
                "body:not(:has(.modal)) .o_statusbar_buttons button[name=action_discard][data-hotkey=d]",
            run: "press alt+d",
        },
        {
            content: "The next mail is shown",
            trigger: ".o_form_view .o_field_widget[name=subject]:contains('An offer')",
        },
        {
            trigger: ".o_statusbar_buttons button[name=action_discard]",
            run: "press alt+d",
        },
        {
            content: "And the next",
            trigger: ".o_form_view .o_field_widget[name=subject]:contains('An absence')",
        },
        press("action_discard"),
        {
            trigger: ".o_form_view .o_field_widget[name=subject]:contains('Left alone')",
        },
        press("action_discard"),
        {
            trigger: ".o_form_view .o_field_widget[name=subject]:contains('A question')",
        },
        press("action_discard"),
        {
            trigger: ".o_form_view .o_field_widget[name=subject]:contains('A held mail')",
        },
        press("action_discard"),
        {
            content: "After the last one the list is there, and empty",
            trigger: ".o_list_view .o_view_nocontent:contains('Nothing is waiting')",
        },
    ],
});
