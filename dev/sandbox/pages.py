"""The screens of the addon: where each is, and what has to be pressed to see it.

``dev/axe`` looks at all of them; ``dev/buttons`` has some of them in more states.
"""

import re

from . import shots
from .shots import (
    ADDON,
    DOMAIN,
    MESSAGES,
    SHOTS,
    TRIAGE,
    Shot,
    first,
    message,
    outgoing_server,
    router,
)

SETUP = "/odoo/mail-router-setup/{id}"
SERVER_OUT = "/odoo/action-base.action_ir_mail_server_list/{id}"
ACTION = f"/odoo/action-{ADDON}.{{}}"
ROW = ".o_data_row, .o_kanban_record:not(.o_kanban_ghost)"
FORM = ".o_form_view .o_form_sheet"
VIEW = ".o_action_manager .o_view_controller"
WINDOW = ".modal .o_form_view"
# A page without rules of its own about what may stand on it.
EMPTY = f"/{ADDON}/static/description/index.html"
LINK = re.compile(r"https?://[^\"]*(/mail_catchall_router/decide\?[^\"]+)\"")


# ----------------------------------------------------------------------
# RECORDS
# ----------------------------------------------------------------------


def at_step(step, **values):
    """Return what makes an assistant at a step of its own."""

    def make(rpc):
        mailbox = {"mailbox": f"catchall@{DOMAIN}", "domain": DOMAIN}
        values_of_step = {**mailbox, "step": step, **values}
        return rpc("mail.catchall.setup", "create", [values_of_step])[0]

    return make


def of(model, *domain):
    """Return what finds the first record of a model."""
    return lambda rpc: first(rpc, model, [*domain])


def digest(rpc):
    """Return the newest digest as HTML; another one is made for it."""
    rpc("mail.catchall.router", "write", [router(rpc)], {"digest_user_ids": [rpc.uid]})
    rpc.run_cron(f"{ADDON}.ir_cron_digest")
    mail = first(rpc, "mail.mail", [["body_html", "like", "/decide?"]], "id desc")
    [found] = rpc("mail.mail", "read", [mail], ["subject", "body_html"])
    return (
        '<!DOCTYPE html><html lang="en">'
        # As apps for mail on a phone do.
        '<meta name="viewport" content="width=device-width">'
        f"<title>{found['subject']}</title>{found['body_html']}"
    )


def digest_link(rpc):
    """Return the address of a decision that the daily digest offers."""
    return LINK.search(digest(rpc))[1].replace("&amp;", "&")


def signing_in(provider, *, is_registered=False, **values):
    """Return what makes an assistant that signs in at a provider.

    :param is_registered: whether Odoo is registered there, as far as it knows
    """
    prefix = {"gmail": "google_gmail", "microsoft": "microsoft_outlook"}[provider]

    def make(rpc):
        for name in ("client_id", "client_secret"):
            value = "shown" if is_registered else False
            rpc("ir.config_parameter", "set_param", f"{prefix}_{name}", value)
        return at_step("sign_in", provider=provider, **values)(rpc)

    return make


def contact(rpc):
    """Return a contact that a mail has made."""
    domain = [["model", "=", "res.partner"], ["res_id", "!=", False]]
    delivery = first(rpc, "mail.catchall.delivery", domain, "id desc")
    return rpc("mail.catchall.delivery", "read", [delivery], ["res_id"])[0]["res_id"]


# ----------------------------------------------------------------------
# FORMS
# ----------------------------------------------------------------------


def new(name, action):
    """Return a form that begins empty."""
    return Shot(name, ACTION.format(action), f".o_form_view, {WINDOW}")


def at(step, name="", record=None, **values):
    """Return the assistant at a step."""
    made = record or at_step(step, **values)
    return Shot(f"setup-{name or step}", SETUP, FORM, record=made)


# The forms that dev/buttons presses as they are.
PRESSED = (
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
    new("tester-new", "mail_catchall_tester_action"),
    new("samples", "mail_catchall_samples_action"),
    at("account"),
    at("account", "google", provider="gmail", mailbox="lan@gmail.com"),
    at("account", "microsoft", provider="microsoft"),
    Shot("setup-done", SETUP, FORM, record=shots.finish),
    Shot("server-out", SERVER_OUT, FORM, record=outgoing_server),
    Shot(
        "server-in",
        "/odoo/action-mail.action_email_server_tree/{id}",
        FORM,
        record=of("fetchmail.server", ["user", "=", f"catchall@{DOMAIN}"]),
    ),
)
FORMS = (
    *PRESSED,
    new("erase", "mail_catchall_erase_action"),
    new("import", "mail_catchall_import_action"),
    new("address", "mail_catchall_address_action"),
    new("copy-setup", "mail_catchall_copy_setup_action"),
    at("sign_in", "sign-in-google", signing_in("gmail")),
    at("sign_in", "sign-in-microsoft", signing_in("microsoft")),
    at("apps", line_ids=shots.OFFERED),
)


# ----------------------------------------------------------------------
# WINDOWS
# ----------------------------------------------------------------------

OPEN_MAIL = ".o_catchall_row_open"
MORE = ".o_catchall_bar .o_catchall_more"
FAVOURITES = ".o_catchall_favourites"
# In a mail's form on a phone, where one decision alone has a place.
MORE_DECISIONS = ".o_statusbar_buttons .o_catchall_more"


def of_triage(name, *clicks, see, phone=None):
    """Return what opens in To Decide; on a phone, too, after a tap on the mail.

    :param phone: what is tapped there, when it is something else
    """
    taps = (OPEN_MAIL, *clicks) if phone is None else phone
    return Shot(
        f"triage-{name}", TRIAGE, OPEN_MAIL, clicks=clicks, phone_clicks=taps, see=see
    )


def of_mail(name, button, *domain):
    """Return the window that a button of a mail's form opens."""
    button = f"button[name={button}]"
    return Shot(
        f"mail-{name}",
        f"{MESSAGES}/{{id}}",
        FORM,
        record=message(["state", "=", "held"], *domain),
        clicks=(f".o_statusbar_buttons {button}",),
        phone_clicks=(MORE_DECISIONS, f".o-dropdown--menu {button}"),
        see=".modal-body",
    )


def of_router(name, page, button=""):
    """Return a page of the router's form, or the window that a button there opens."""
    clicks = (f".nav-link[name={page}]",)
    if button:
        clicks = (*clicks, f"button[name={button}]")
    return Shot(
        f"router-{name}",
        "/odoo/mail-router-routers/{id}",
        FORM,
        record=router,
        clicks=clicks,
        phone_clicks=clicks,
        unfold=True,
        see=".modal-body" if button else f".nav-link[name={page}]",
    )


UNKNOWN = ["reason_code", "=", "unknown_recipient"]
FORGED = ["reason_code", "=", "forged_sender"]
PREVIEW = (
    ".nav-link[name=mail_catchall_router]",
    f"{FORM} .tab-pane.active button",
)
ARRIVAL = (
    ".o-mail-Message-body",
    ".o-mail-Message :is([title='Expand'], [title='Mở rộng'])",
    ".o-dropdown-item .fa-map-signs",
)
WINDOWS = (
    of_triage("more", MORE, see=".dropdown-item"),
    of_triage("keys", ".fa-keyboard-o", see=".o_catchall_keys", phone=()),
    of_triage(
        "chosen",
        ".o_catchall_row .form-check-input",
        see=".o_catchall_count [data-decision]",
        phone=(".o_catchall_row .form-check-input",),
    ),
    of_triage(
        "comment", ".o_catchall_comment", see=".o_catchall_discussed .o-mail-Chatter"
    ),
    of_triage("assign", ".o_catchall_assign", see=WINDOW),
    of_triage("route", MORE, "[data-decision=route_to].dropdown-item", see=WINDOW),
    of_triage("snooze", MORE, "[data-decision=snooze].dropdown-item", see=WINDOW),
    of_triage(
        "create",
        ".o_catchall_row [data-decision=create_address]",
        see=WINDOW,
        phone=(".o_catchall_row [data-decision=create_address]",),
    ),
    of_triage(
        "favourites", FAVOURITES, see=".o_catchall_save_search", phone=(FAVOURITES,)
    ),
    of_triage(
        "save",
        *(FAVOURITES, ".o_catchall_save_search"),
        see=".o_catchall_favourite_name",
        phone=(FAVOURITES, ".o_catchall_save_search"),
    ),
    of_mail("release", "action_release", FORGED),
    of_mail("reject", "action_reject", UNKNOWN),
    of_router("guards", "guards"),
    of_router("sending", "sending"),
    of_router("intake", "intake", "action_make_intake_token"),
    of_router("monitoring", "monitoring", "action_make_health_token"),
    Shot(
        "server-preview",
        SERVER_OUT,
        FORM,
        record=outgoing_server,
        clicks=PREVIEW,
        phone_clicks=PREVIEW,
        see=WINDOW,
    ),
    Shot(
        "arrival",
        "/odoo/res.partner/{id}",
        ".o-mail-Message-body",
        record=contact,
        clicks=ARRIVAL,
        phone_clicks=ARRIVAL,
        see=".o_catchall_arrival",
    ),
)


# ----------------------------------------------------------------------
# ALL
# ----------------------------------------------------------------------

SCREENS = (
    *SHOTS,
    *FORMS,
    *WINDOWS,
    Shot(
        "held-mail", f"{MESSAGES}/{{id}}", FORM, record=message(["state", "=", "held"])
    ),
    Shot("forged-mail", f"{MESSAGES}/{{id}}", FORM, record=message(FORGED)),
    Shot("routers", "/odoo/mail-router-routers", ROW),
    Shot("deliveries", "/odoo/mail-router-deliveries", ROW),
    Shot("attacks", "/odoo/mail-router-attacks", VIEW),
    Shot("rules", "/odoo/mail-router-rules", VIEW),
    Shot("senders", "/odoo/mail-router-senders", VIEW),
    Shot("report-in", "/odoo/mail-router-incoming-report", VIEW),
    Shot("report-recipients", "/odoo/mail-router-recipients-report", VIEW),
    Shot("report-out", "/odoo/mail-router-outgoing-report", VIEW),
    Shot("outgoing", ACTION.format("mail_mail_action"), VIEW),
    Shot("scheduled", ACTION.format("mail_catchall_cron_action"), VIEW),
    Shot(
        "alias",
        "/odoo/mail-router-addresses/{id}",
        FORM,
        record=of("mail.alias", ["alias_name", "=", "sales"]),
    ),
    at(
        "sign_in",
        "sign-in-refused",
        signing_in("gmail", is_registered=True, sign_in_problem="access_denied"),
    ),
    Shot("digest-mail", EMPTY, "table", html=digest),
    Shot("digest", "{id}", "form button[type=submit]", record=digest_link),
    Shot("digest-refused", "/mail_catchall_router/decide?m=1", ".alert"),
)
