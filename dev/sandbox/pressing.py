"""The screens of the addon, and whether each of their buttons can be pressed.

Run by ``dev/buttons``, in the virtual environment, against a database with demo data:
``python -m sandbox.pressing DATABASE LANGUAGE [NAME ...]``.
"""

import base64
import json
import re
import sys
from dataclasses import dataclass

from . import config, odoolog, shots
from .browser import DESKTOP, Browser
from .pages import ACTION, FORM, PRESSED, SERVER_OUT, at, new, of
from .postgres import Cluster
from .progress import SandboxError, readable_errors, say
from .rpc import Rpc
from .shots import (
    ADDON,
    DOMAIN,
    MESSAGES,
    QUARANTINE,
    TRIAGE,
    Shot,
    outgoing_server,
    router,
)
from .shown import marker_of
from .takeback import Watch
from .waiting import until

STILL = 0.4  # seconds without a request, then a button has done what it does
LONGEST = 20
LONGEST_INSTALL = 300
DEPTH = 4  # windows, each opened by a button of the one before
# Wrong turns that a page takes unseen, from its beginning.
LISTEN = """
window.catchallWrong = [];
window.catchallBusy = 0;
// A form that was begun asks whether to leave it, and would wait for an answer; or it
// is saved when it goes out of sight, and so while what was done is taken back.
const stay = (event) => event.stopImmediatePropagation();
window.addEventListener("beforeunload", stay, true);
window.addEventListener("visibilitychange", stay, true);
(() => {
    const keep = (words) => window.catchallWrong.push(String(words).slice(0, 600));
    window.addEventListener("error", (event) => keep(event.message));
    window.addEventListener("unhandledrejection", ({ reason }) =>
        keep((reason && (reason.stack || reason.message)) || reason)
    );
    const { error } = console;
    console.error = (...words) => { keep(words.join(" ")); error(...words); };
    const send = XMLHttpRequest.prototype.send;
    XMLHttpRequest.prototype.send = function (...values) {
        window.catchallBusy += 1;
        this.addEventListener("loadend", () => { window.catchallBusy -= 1; });
        return send.apply(this, values);
    };
    const { fetch } = window;
    window.fetch = (...values) => {
        window.catchallBusy += 1;
        return fetch(...values).finally(() => { window.catchallBusy -= 1; });
    };
})();
"""
# The buttons that can be seen: [their name or words, which one of those]. The rows of a
# list have the same buttons: the first of each does for all.
LIST = """
(() => {
    const root = %(root)s;
    if (!root) { return []; }
    // A window may have a button of the same name as the form below it.
    const marked = document.querySelectorAll("[data-catchall-press]");
    marked.forEach((one) => { delete one.dataset.catchallPress; });
    const counted = {};
    return [...root.querySelectorAll(%(selector)s)]
        .filter((one) => one.offsetParent !== null && !one.disabled)
        .map((one) => {
            // A form has several lists, and each the same bin and the same new line.
            const list = one.closest(%(lines)s)?.closest(".o_field_widget");
            const name =
                (list && `${list.getAttribute("name")} ${one.tagName}`) ||
                one.getAttribute("name") ||
                one.dataset.decision ||
                one.dataset.tile ||
                [...one.classList].find((word) => word.startsWith("o_catchall_")) ||
                one.textContent.trim().replace(/\\s*\\d+/g, "");
            counted[name] = (counted[name] || 0) + 1;
            const mark = `${name}#${counted[name]}`;
            one.dataset.catchallPress = mark;
            const feel = () => { window.catchallFelt = mark; };
            one.addEventListener("click", feel, { capture: true });
            const isAgain = counted[name] > 1 && one.closest(%(rows)s);
            return isAgain ? "#" : mark;
        });
})()
"""
# Leaves a screen for an empty one. What was begun on a form would be saved: only a new
# page forgets it.
LEAVE = """
(async () => {
    const client = window.odoo?.__WOWL_DEBUG__?.root;
    const begun = ".o_form_status_indicator_buttons:not(.invisible)";
    if (!client || document.querySelector(begun)) { return false; }
    const { Component, xml } = odoo.loader.modules.get("@odoo/owl");
    const { registry } = odoo.loader.modules.get("@web/core/registry");
    class Nothing extends Component {
        static template = xml`<div class="o_action catchall_nothing" />`;
        static props = ["*"];
    }
    registry.category("actions").add("catchall_nothing", Nothing, { force: true });
    // A notification would lie on the next screen's buttons.
    document.querySelectorAll(".o_notification_close").forEach((one) => one.click());
    const { action, dialog } = client.env.services;
    dialog.closeAll({ noReload: true });
    const tooLong = new Promise((resolve) => setTimeout(resolve, 5000));
    const left = action.doAction("catchall_nothing", { clearBreadcrumbs: true });
    await Promise.race([left, tooLong]);
    return Boolean(document.querySelector(".catchall_nothing"));
})()
"""
FOLLOW = """
(() => {
    if (!document.querySelector(".catchall_nothing")) { return false; }
    window.catchallWrong = [];
    const link = document.createElement("a");
    link.href = %s;
    document.body.append(link);
    link.click();
    link.remove();
    return true;
})()
"""
# A row is gone when its form is saved.
BIN = " BUTTON#"
SAVE = "document.querySelector('.o_form_button_save')?.click()"
TABS = """
[...document.querySelectorAll(".o_form_view .o_notebook .nav-link")]
    .filter((one) => one.offsetParent !== null)
    .map((one) => one.getAttribute("name"))
"""
# What Odoo refuses in words is an answer; "Oops!" has details to look at.
WRONG = """
[
    ...window.catchallWrong.filter((words) => !words.startsWith("RPC_ERROR")),
    ...[...document.querySelectorAll(".o_error_dialog")]
        .filter((one) => one.querySelector("[role=alert] .btn-link"))
        .map((one) => one.innerText),
]
"""
ON_SCREEN = ", ".join(
    (
        ".o_statusbar_buttons button",
        ".o_form_sheet button.btn:not(.o_external_button)",
        ".o_form_sheet .oe_stat_button",
        ".o_form_sheet .o_list_record_remove button",
        ".o_form_sheet .o_field_x2many_list_row_add a",
        ".alert button",
        ".modal-footer button",
        ".o_control_panel_main_buttons button",
        ".o_control_panel_actions button",
        ".o_list_view .o_data_row button",
        ".o_kanban_view .o_kanban_record button",
        ".o_catchall_triage button",
        ".o_catchall_dashboard button",
        f".app_settings_block[data-key={ADDON}] button.btn",
    )
)
# The bin of each row of a list in a form, and what adds one.
LINES = ".o_list_record_remove, .o_field_x2many_list_row_add"
ROWS = (
    f"{LINES}, .o_list_view .o_data_row, .o_kanban_view .o_kanban_record,"
    " .o_catchall_row"
)
IN_WINDOW = ".modal-footer button, .modal-body .o_form_sheet button.btn, .dropdown-item"
# The windows and menus that a button opens; one that says no has but "Close".
WINDOWS = "[...document.querySelectorAll('.modal, .o-dropdown--menu')]"
OPENED = (
    f"{WINDOWS}.filter((one) =>"
    " !one.dataset.catchallKnown && !one.querySelector('.o_error_dialog')).at(-1)"
)
KNOW = f"{WINDOWS}.forEach((one) => {{ one.dataset.catchallKnown = 1; }})"
# A button of Odoo's own widgets: what it opens is Odoo's.
NOT_OURS = ("o_clipboard_button", "o_dropdown_button")
# What changes tables, which nothing takes back: pressed when all others were.
INSTALLS = ("action_install#", "action_install_sign_in#")
# How Odoo logs what it refuses in words.
REFUSED = re.compile(r"WARNING odoo\.http: ")


BOX = "input[type=checkbox]"
CARD = ".o_kanban_record:not(.o_kanban_ghost)"


@dataclass(frozen=True)
class Button:
    """One button: on which page of the form, and the marks of the buttons that lead to
    it, each of the window that the one before opens; the last is its own."""

    tab: str
    marks: tuple

    def __str__(self):
        return " > ".join(filter(None, (self.tab, *self.marks)))

    @property
    def is_install(self):
        """Whether it changes the tables."""
        return self.marks[-1].startswith(INSTALLS)


def mails(rpc):
    """Return the form of one message of each state and reason."""
    found = rpc("mail.catchall.message", "search_read", [], ["state", "reason_code"])
    kinds = sorted({(one["state"], one["reason_code"] or "") for one in found})
    return [
        Shot(
            f"{state}-{code}".strip("-"),
            f"{MESSAGES}/{{id}}",
            FORM,
            record=shots.message(
                ["state", "=", state], ["reason_code", "=", code or False]
            ),
        )
        for state, code in kinds
    ]


def filled(name, action, model, **values):
    """Return a form that somebody has filled in."""
    return Shot(
        name,
        ACTION.format(f"{action}/{{id}}"),
        ".o_form_view, .modal .o_form_view",
        record=lambda rpc: rpc(model, "create", [values])[0],
    )


def chosen(name, path):
    """Return a list of which somebody has chosen the first row."""
    return Shot(name, path, ".o_data_row", clicks=(f".o_data_row {BOX}",))


def import_file(rpc):
    """Return the id of an import with a file."""
    raw = b"From: kim@customer.example\r\nSubject: Chairs\r\n\r\nHow much?\r\n"
    values = {"name": "mail.eml", "datas": base64.b64encode(raw).decode()}
    file = rpc("ir.attachment", "create", [values])
    model = "mail.catchall.import"
    return rpc(model, "create", [{"attachment_ids": [[6, 0, file]]}])[0]


def router_with_tokens(rpc):
    """Return the id of the router, with what lets others in."""
    for method in ("action_make_intake_token", "action_make_health_token"):
        rpc("mail.catchall.router", method, [router(rpc)])
    return router(rpc)


def stranger(rpc):
    """Return the id of the router, as if the database were a copy."""
    rpc("mail.catchall.router", "write", [router(rpc)], {"home": "elsewhere"})
    return router(rpc)


REFUSE = """
for address in ("*", "lan@%(domain)s"):
    env["mail.catchall.refused.sender"].sudo().create({
        "mail_server_id": %(server)d,
        "address": address,
        "words": "550 Not yours",
        "date": datetime.datetime.now(),
    })
"""


def refused(found):
    """Return what finds a record, with an outgoing server that refuses everybody."""

    def make(rpc):
        server = outgoing_server(rpc)
        shots.run_code(rpc, REFUSE % {"domain": DOMAIN, "server": server})
        return found(rpc)

    return make


def discarded(rpc):
    """Return the id of a mail about which somebody has decided."""
    found = shots.message(["state", "=", "held"])(rpc)
    rpc("mail.catchall.message", "action_discard", [found])
    return found


def copied_setup(rpc):
    """Return the id of a wizard that has the setup of another router."""
    model, values = "mail.catchall.copy.setup", {"router_id": router(rpc)}
    [wizard] = rpc(model, "create", [values])
    [saved] = rpc(model, "read", [wizard], ["saved"])
    rpc(model, "write", [wizard], {"file": saved["saved"], "file_name": "setup.json"})
    return wizard


def failed_mail(rpc):
    """Return the id of a mail that perhaps was sent."""
    values = {"subject": "Offer", "email_to": "kim@customer.example"}
    state = {"state": "exception", "catchall_perhaps_sent": True}
    return rpc("mail.mail", "create", [{**values, **state}])[0]


def sender_check(rpc):
    """Return the id of a question who may send, which has not been asked."""
    action = rpc("mail.catchall.router", "action_check_senders", [router(rpc)])
    return action["res_id"]


SERVERS = {
    "incoming_host": f"imap.{DOMAIN}",
    "incoming_port": 993,
    "incoming_encryption": "ssl",
    "outgoing_host": f"smtp.{DOMAIN}",
    "outgoing_port": 587,
    "outgoing_encryption": "starttls",
}
ROUTER = "/odoo/mail-router-routers/{id}"
PICTURES = {one.name: one for one in shots.SHOTS}
PICTURED = (
    *("router", "trip", "tester", "dashboard", "triage"),
    *("settings", "addresses"),
)
FORMS = (
    *(PICTURES[name] for name in PICTURED),
    *PRESSED,
    Shot("router-tokens", ROUTER, FORM, record=router_with_tokens),
    Shot("router-copy", ROUTER, FORM, record=stranger),
    Shot("router-refused", ROUTER, FORM, record=refused(router)),
    Shot("discarded", f"{MESSAGES}/{{id}}", FORM, record=discarded),
    new("erase-new", "mail_catchall_erase_action"),
    filled(
        *("erase", "mail_catchall_erase_action", "mail.catchall.erase"),
        address="sara@lindt-design.example",
    ),
    new("import-new", "mail_catchall_import_action"),
    Shot(
        "import",
        ACTION.format("mail_catchall_import_action/{id}"),
        ".o_form_view",
        record=import_file,
    ),
    new("address-new", "mail_catchall_address_action"),
    filled(
        *("address", "mail_catchall_address_action", "mail.catchall.address"),
        address=f"press@{DOMAIN}",
        makes="crm.lead",
    ),
    new("copy-setup-new", "mail_catchall_copy_setup_action"),
    Shot(
        "copy-setup",
        ACTION.format("mail_catchall_copy_setup_action/{id}"),
        ".o_form_view",
        record=copied_setup,
    ),
    at("sign_in", "sign-in-google", provider="gmail"),
    at("sign_in", "sign-in-microsoft", provider="microsoft"),
    at("apps", **SERVERS),
    Shot("server-refused", SERVER_OUT, FORM, record=refused(outgoing_server)),
    Shot(
        "outgoing-mail",
        "/odoo/action-mail.action_view_mail_mail/{id}",
        FORM,
        record=failed_mail,
    ),
    Shot(
        "alias",
        "/odoo/action-mail.mail_alias_action/{id}",
        FORM,
        record=of("mail.alias", ["alias_name", "!=", False]),
    ),
    Shot(
        "sender-check",
        "/odoo/mail.catchall.sender.check/{id}",
        FORM,
        record=sender_check,
    ),
    Shot(
        "triage-chosen", TRIAGE, ".o_catchall_text", clicks=(f".o_catchall_row {BOX}",)
    ),
    chosen("messages", MESSAGES),
    chosen("quarantine", QUARANTINE),
    Shot("messages-cards", f"{MESSAGES}?view_type=kanban", CARD),
    Shot("quarantine-cards", f"{QUARANTINE}?view_type=kanban", CARD),
    Shot("addresses-cards", "/odoo/mail-router-addresses?view_type=kanban", CARD),
    chosen("deliveries", "/odoo/mail-router-deliveries"),
    chosen("attacks", "/odoo/mail-router-attacks"),
    chosen("routers", "/odoo/mail-router-routers"),
    chosen("rules", "/odoo/mail-router-rules"),
    chosen("senders", "/odoo/mail-router-senders"),
)


# ----------------------------------------------------------------------
# PRESS
# ----------------------------------------------------------------------


class Visitor(Browser):
    """Goes from screen to screen within the web client, as people do: it takes seconds
    to begin anew."""

    def leave(self):
        """Close what is open."""
        if not self.run(LEAVE):
            super().go("/web/health")

    def go(self, path):
        """Open a page of Odoo."""
        if not self.run(FOLLOW % json.dumps(path)):
            super().go(path)


def settle(browser, longest=LONGEST):
    """Wait until no request is on its way for a while."""
    until(lambda: browser.run("window.catchallBusy") == 0, longest, lasting=STILL)


def listed(browser, root, selector):
    """Return the marks of the buttons that can be seen, and mark them."""
    values = {"selector": selector, "rows": ROWS, "lines": LINES}
    quoted = {name: json.dumps(value) for name, value in values.items()}
    found = browser.run(LIST % {"root": root, **quoted}) or []
    return [one for one in found if not one.startswith(("#", *NOT_OURS))]


def open_form(browser, rpc, form, tab=""):
    """Open a form at one of its pages."""
    shots.visit(browser, rpc, form, DESKTOP)
    settle(browser)
    # What is folded away has buttons, too.
    browser.run(shots.UNFOLD)
    if tab:
        browser.click(f".o_notebook .nav-link[name={json.dumps(tab)}]")
        settle(browser)


def press(browser, mark, longest=LONGEST):
    """Press a marked button.

    :raises SandboxError: when something else lay on it
    """
    browser.run(KNOW)
    browser.run("window.catchallFelt = ''")
    browser.click(f"[data-catchall-press={json.dumps(mark, ensure_ascii=False)}]")
    # A page that it opens knows of nothing.
    if browser.run("window.catchallFelt") not in (mark, None):
        raise SandboxError(f"{mark} does not feel the click")
    settle(browser, longest)


def buttons_of(browser, rpc, form):
    """Return the buttons of a form, each once."""
    open_form(browser, rpc, form)
    tabs = browser.run(TABS) or [""]
    found = {}
    for tab in tabs:
        if tab:
            browser.click(f".o_notebook .nav-link[name={json.dumps(tab)}]")
            settle(browser)
        for mark in listed(browser, "document", ON_SCREEN):
            found.setdefault(mark, Button(tab, (mark,)))
    return list(found.values())


def try_button(browser, rpc, form, button):
    """Press a button of a fresh form.

    :return: what went wrong, and the buttons of the window that opened
    """
    open_form(browser, rpc, form, button.tab)
    longest = LONGEST_INSTALL if button.is_install else LONGEST
    root, selector = "document", ON_SCREEN
    for mark in button.marks:
        if mark not in listed(browser, root, selector):
            raise SandboxError("is gone")
        press(browser, mark, longest)
        root, selector = OPENED, IN_WINDOW
    if BIN in button.marks[-1]:
        browser.run(SAVE)
        settle(browser)
    opened = listed(browser, root, selector) if len(button.marks) < DEPTH else []
    inner = [Button(button.tab, (*button.marks, mark)) for mark in opened]
    return browser.run(WRONG) or [], inner


class Presser:
    """Presses the buttons of one form after the other, and keeps count.

    :param browser: where somebody has logged in
    :param watch: takes back what a button did, before the next one
    :param log: the file with Odoo's log
    """

    def __init__(self, browser, rpc, watch, log):
        self._browser = browser
        self._rpc = rpc
        self._watch = watch
        self._log = log
        self._offset = log.stat().st_size
        self._known = set()
        self.pressed = 0
        self.broken = []
        self.gone = []
        self.installs = []

    def try_form(self, form):
        """Press all buttons of a form, but those that install."""
        pressed, broken = self.pressed, len(self.broken)
        self._take_back()
        try:
            waiting = buttons_of(self._browser, self._rpc, form)
        except SandboxError as error:
            self._miss(f"{form.name}: {error}")
            return
        while waiting:
            button = waiting.pop(0)
            if button.is_install:
                self.installs.append((form, button))
                continue
            self._take_back()
            for inner in self.try_button(form, button):
                # What a mail's buttons open is the same for all mails.
                if (form.path, inner.marks) not in self._known:
                    self._known.add((form.path, inner.marks))
                    waiting.append(inner)
        count = self.pressed - pressed
        say(f"{form.name}: {count} buttons, {len(self.broken) - broken} broken")

    def try_button(self, form, button):
        """Press a button; return those of the window that it opens."""
        try:
            wrong, inner = try_button(self._browser, self._rpc, form, button)
        except SandboxError as error:
            self._miss(f"{form.name}: {button}: {error}")
            return []
        self.pressed += 1
        for words in (*wrong, *self._logged()):
            self.broken.append(f"{form.name}: {button}: {words}")
            say(f"  {self.broken[-1]}")
        return inner

    def _take_back(self):
        # What is open would miss what it shows.
        self._browser.leave()
        self._watch.take_back()

    def _miss(self, words):
        self.gone.append(words.splitlines()[0])
        say(f"  {self.gone[-1]}")

    def _logged(self):
        """Return what should not be in Odoo's log since the last look."""
        content = self._log.read_bytes()[self._offset :]
        self._offset += len(content)
        text = content.decode(errors="replace")
        return [
            entry.text
            for entry in odoolog.entries(text)
            if entry.is_unexpected and not REFUSED.match(entry.text)
        ]


def main(database, language, *names):
    """Press the buttons of the named forms, or of all.

    :return: 0 when none breaks, 1 when one breaks or could not be pressed
    """
    instance = config.Instance.current()
    watch = Watch(Cluster(instance), database)
    watch.recover()
    rpc = Rpc(instance.http_port, database)
    shots.connect(rpc)
    forms = [*mails(rpc), *FORMS]
    known = {form.name for form in forms}
    if unknown := sorted(set(names) - known):
        raise SandboxError(f"Not among {', '.join(sorted(known))}: {unknown}.")
    shots.speak(rpc, language)
    wanted = [form for form in forms if not names or form.name in names]
    log = instance.logs / "screenshots.log"
    with Visitor(f"http://localhost:{instance.http_port}").open() as browser:
        browser.before_each_page(LISTEN)
        browser.log_in("admin")
        browser.wait_for(".o_main_navbar", timeout=LONGEST_INSTALL)
        # The first screen would come over the one that is opened now.
        settle(browser)
        presser = Presser(browser, rpc, watch, log)
        with watch.on():
            for form in wanted:
                presser.try_form(form)
        for form, button in presser.installs:
            marker_of(instance).unlink(missing_ok=True)
            presser.try_button(form, button)
    for line in (*presser.broken, *presser.gone):
        say(line)
    broken, gone = len(presser.broken), len(presser.gone)
    count = f"{presser.pressed} buttons of {len(wanted)} screens"
    say(f"{count}, {broken} broken, {gone} could not be pressed")
    return 1 if broken or gone else 0


if __name__ == "__main__":
    with readable_errors():
        sys.exit(main(*sys.argv[1:]))
