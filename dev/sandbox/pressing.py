"""The forms of the addon, and whether each of their buttons can be pressed.

Run by ``dev/buttons``, in the virtual environment, against a database with demo data:
``python -m sandbox.pressing DATABASE LANGUAGE [NAME ...]``.
"""

import contextlib
import json
import sys
import time
from dataclasses import dataclass

from . import config, shots
from .browser import DESKTOP, Browser
from .progress import SandboxError, readable_errors, say
from .rpc import Rpc, RpcError
from .screens import FORM, SETUP, at_step, of
from .shots import ADDON, DOMAIN, MESSAGES, Shot, outgoing_server, router, tester, trip

STILL = 0.4  # seconds without a request, then a button has done what it does
LONGEST = 20
# Wrong turns that a page takes unseen, from its beginning.
LISTEN = """
window.catchallWrong = [];
window.catchallBusy = 0;
// A form that was begun asks whether to leave it, and would wait for an answer.
const stay = (event) => event.stopImmediatePropagation();
window.addEventListener("beforeunload", stay, true);
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
# The buttons that can be seen: [their name or words, which one of those].
LIST = """
(() => {
    const root = %(root)s;
    if (!root) { return []; }
    const counted = {};
    return [...root.querySelectorAll(%(selector)s)]
        .filter((one) => one.offsetParent !== null && !one.disabled)
        .map((one) => {
            const name = one.getAttribute("name") || one.textContent.trim();
            counted[name] = (counted[name] || 0) + 1;
            one.dataset.catchallPress = `${name}#${counted[name]}`;
            return one.dataset.catchallPress;
        });
})()
"""
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
ON_FORM = (
    ".o_statusbar_buttons button, .o_form_sheet button.btn:not(.o_external_button), "
    ".o_form_sheet .oe_stat_button, .alert button"
)
IN_DIALOG = ".modal-footer button, .modal-body .o_form_sheet button.btn"
DIALOG = "[...document.querySelectorAll('.modal')].at(-1)"
# A button of Odoo's own widgets: what it opens is Odoo's.
NOT_OURS = ("o_clipboard_button", "o_dropdown_button")
# What may make a document, which nothing takes back: pressed when all others were.
LAST = tuple(
    f"{name}#"
    for name in (
        *("action_release", "action_not_spam", "action_allow_sender"),
        *("action_choose", "action_create_address", "action_route"),
    )
)
ACTION = f"/odoo/action-{ADDON}.{{}}"


@dataclass(frozen=True)
class Button:
    """One button: on which page of the form, its mark, and that of the button of the
    window that it opens, "" for the button itself."""

    tab: str
    mark: str
    then: str = ""

    def __str__(self):
        return " > ".join(filter(None, (self.tab, self.mark, self.then)))


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


def new(name, action):
    """Return a form that begins empty."""
    return Shot(name, ACTION.format(action), ".o_form_view, .modal .o_form_view")


def at(step, name="", **values):
    """Return the assistant at a step."""
    made = at_step(step, **values)
    return Shot(f"setup-{name or step}", SETUP, FORM, record=made)


FORMS = (
    Shot("router", "/odoo/mail-router-routers/{id}", FORM, record=router),
    Shot("trip", ACTION.format("mail_catchall_trip_action/{id}"), FORM, record=trip),
    Shot(
        "attack",
        "/odoo/mail-router-attacks/{id}",
        FORM,
        record=of("mail.catchall.attack"),
    ),
    Shot(
        "delivery",
        "/odoo/mail-router-deliveries/{id}",
        FORM,
        record=of("mail.catchall.delivery", ["res_id", "!=", False]),
    ),
    Shot(
        "rule",
        "/odoo/mail-router-rules/{id}",
        FORM,
        record=of("mail.catchall.rule"),
    ),
    Shot("rule-new", "/odoo/mail-router-rules/new", FORM),
    Shot("router-new", "/odoo/mail-router-routers/new", FORM),
    Shot(
        "tester",
        ACTION.format("mail_catchall_tester_action/{id}"),
        ".o_form_view",
        record=tester,
    ),
    new("tester-new", "mail_catchall_tester_action"),
    new("erase", "mail_catchall_erase_action"),
    new("import", "mail_catchall_import_action"),
    new("address", "mail_catchall_address_action"),
    new("copy-setup", "mail_catchall_copy_setup_action"),
    new("samples", "mail_catchall_samples_action"),
    at("account"),
    at("account", "google", provider="gmail", mailbox="lan@gmail.com"),
    at("account", "microsoft", provider="microsoft"),
    at("sign_in", "sign-in-google", provider="gmail"),
    at("sign_in", "sign-in-microsoft", provider="microsoft"),
    at("apps"),
    Shot("setup-done", SETUP, FORM, record=shots.finish),
    Shot(
        "server-out",
        "/odoo/action-base.action_ir_mail_server_list/{id}",
        FORM,
        record=outgoing_server,
    ),
    Shot(
        "server-in",
        "/odoo/action-mail.action_email_server_tree/{id}",
        FORM,
        record=of("fetchmail.server", ["user", "=", f"catchall@{DOMAIN}"]),
    ),
)


# ----------------------------------------------------------------------
# PRESS
# ----------------------------------------------------------------------


def settle(browser):
    """Wait until no request is on its way for a while."""
    deadline = time.monotonic() + LONGEST
    still_since = time.monotonic()
    while time.monotonic() < deadline:
        if browser.run("window.catchallBusy") != 0:
            still_since = time.monotonic()
        elif time.monotonic() - still_since > STILL:
            return
        time.sleep(0.05)


def listed(browser, root, selector):
    """Return the marks of the buttons that can be seen, and mark them."""
    found = browser.run(LIST % {"root": root, "selector": json.dumps(selector)}) or []
    return [one for one in found if not one.startswith(("#", *NOT_OURS))]


def open_form(browser, rpc, form, tab=""):
    """Open a form at one of its pages."""
    shots.visit(browser, rpc, form, DESKTOP)
    settle(browser)
    if tab:
        browser.click(f".o_notebook .nav-link[name={json.dumps(tab)}]")
        settle(browser)


def press(browser, mark):
    """Press a marked button."""
    browser.click(f"[data-catchall-press={json.dumps(mark, ensure_ascii=False)}]")
    settle(browser)


def buttons_of(browser, rpc, form):
    """Return the buttons of a form, each once."""
    open_form(browser, rpc, form)
    tabs = browser.run(TABS) or [""]
    found = {}
    for tab in tabs:
        if tab:
            browser.click(f".o_notebook .nav-link[name={json.dumps(tab)}]")
            settle(browser)
        for mark in listed(browser, "document", ON_FORM):
            found.setdefault(mark, Button(tab, mark))
    return list(found.values())


def try_button(browser, rpc, form, button):
    """Press a button of a fresh form, and in the window that opens another.

    :return: what went wrong, and the marks of the buttons of the window that opened
    """
    open_form(browser, rpc, form, button.tab)
    listed(browser, "document", ON_FORM)
    press(browser, button.mark)
    inner = listed(browser, DIALOG, IN_DIALOG)
    if button.then:
        press(browser, button.then)
    return browser.run(WRONG) or [], inner


def put_back(rpc, form):
    """Undo what a button has decided about a mail, where it can be undone: the next
    button wants it as it was."""
    if not form.path.startswith(MESSAGES):
        return
    decided = [["decided_date", "!=", False]]
    found = rpc("mail.catchall.message", "search_read", decided, ["undoable"])
    for message in found:
        with contextlib.suppress(RpcError):
            if message["undoable"]:
                rpc("mail.catchall.message", "action_undo", [message["id"]])


def try_form(browser, rpc, form):
    """Press all buttons of a form; return (how many, what broke)."""
    found = buttons_of(browser, rpc, form)
    waiting = sorted(found, key=lambda one: one.mark.startswith(LAST))
    pressed, broken = 0, []
    while waiting:
        button = waiting.pop(0)
        try:
            wrong, inner = try_button(browser, rpc, form, button)
            put_back(rpc, form)
        except SandboxError as error:
            # An earlier button may have taken away what it was for.
            say(f"  {form.name}: {button} is gone ({str(error).splitlines()[0]})")
            continue
        pressed += 1
        broken += [f"{form.name}: {button}: {words}" for words in wrong]
        if not button.then:
            waiting += [Button(button.tab, button.mark, mark) for mark in inner]
    return pressed, broken


def main(database, language, *names):
    """Press the buttons of the named forms, or of all; return 1 when one breaks."""
    instance = config.Instance.current()
    rpc = Rpc(instance.http_port, database)
    shots.connect(rpc)
    forms = [*mails(rpc), *FORMS]
    known = {form.name for form in forms}
    if unknown := sorted(set(names) - known):
        raise SandboxError(f"Not among {', '.join(sorted(known))}: {unknown}.")
    shots.speak(rpc, language)
    total, broken, missing = 0, [], []
    with Browser(f"http://localhost:{instance.http_port}").open() as browser:
        browser.before_each_page(LISTEN)
        browser.log_in("admin")
        browser.wait_for(".o_main_navbar")
        for form in forms:
            if names and form.name not in names:
                continue
            try:
                pressed, wrong = try_form(browser, rpc, form)
            except SandboxError as error:
                missing.append(f"{form.name}: {str(error).splitlines()[0]}")
                continue
            total += pressed
            broken += wrong
            say(f"{form.name}: {pressed} buttons, {len(wrong)} broken")
            for line in wrong:
                say(f"  {line}")
    for line in missing:
        say(line)
    say(f"{total} buttons, {len(broken)} broken, {len(missing)} forms not opened")
    return 1 if broken else 0


if __name__ == "__main__":
    with readable_errors():
        sys.exit(main(*sys.argv[1:]))
