"""The pictures of the documentation and of the Apps page: what each shows.

Run by ``dev/screenshots``, in the virtual environment, against a database with demo
data: ``python -m sandbox.shots DATABASE [NAME ...]``.
"""

import base64
import io
import json
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from PIL import Image

from . import config
from .browser import Browser
from .progress import SandboxError, readable_errors, say
from .rpc import Rpc

DOC = config.CHECKOUT / "doc"
APPS = config.CHECKOUT / "static" / "description"
ADDON = config.ADDON
DOMAIN = "lotus.example"
WIDTH, HEIGHT = 1280, 800
BANNER = (1120, 560)
COLORS = 128
# Fonts and charts are there a moment after the elements that hold them.
SETTLE_SECONDS = 1.5
LANGUAGES = {"en_US": "", "vi_VN": "vi"}
QUIET = """
    // What loses the focus loses its ring at once.
    document.head.insertAdjacentHTML(
        "beforeend", "<style>* { transition: none !important; }</style>"
    );
    document.querySelectorAll(
        ".o_notification_manager, .o_web_studio_navbar_item, .o-discuss-Call"
    ).forEach((one) => one.remove());
    document.activeElement?.blur();
    document.documentElement.style.caretColor = "transparent";
"""

# Waiting for something brings it into sight.
TO_TOP = """
    document.querySelectorAll(".o_action_manager *").forEach((one) => {
        one.scrollTop = 0;
    });
"""
UNFOLD = """
    document.querySelectorAll(".o_form_view details").forEach((one) => {
        one.open = true;
    });
"""
# What the setup assistant offers: apps, whose addresses these are, and the addresses.
OFFERED = [
    (0, 0, {"module": app, "owner": owner, "address": name, "wanted": True})
    for app, owner, name in (
        ("crm", "crm.team", "sales"),
        ("hr_recruitment", "hr.job", "jobs"),
    )
]
TO_MAIL = "document.open(); document.write({}); document.close();"
TO_SIGHT = 'document.querySelector({}).scrollIntoView({{block: "center"}});'


@dataclass(frozen=True)
class Shot:
    """One picture.

    ``path``: where to go; ``{id}`` stands for what ``record``, called with the
    :class:`Rpc`, returns. ``ready``: CSS selector of what must be there; ``clicks``:
    what is clicked on then, one after the other; ``phone_clicks``: what of it on a
    phone; ``unfold``: whether what is folded away is opened before; ``see``: what must
    be there after that and is scrolled to. ``folder``: where the picture goes; doc/vi
    gets it in Vietnamese. ``html``: what returns a mail to look at, in place of the
    page.
    """

    name: str
    path: str
    ready: str
    record: Callable | None = None
    clicks: tuple = ()
    phone_clicks: tuple = ()
    unfold: bool = False
    see: str = ""
    height: int = HEIGHT
    width: int = WIDTH
    folder: Path = APPS
    html: Callable | None = None


# ----------------------------------------------------------------------
# RECORDS
# ----------------------------------------------------------------------


def first(rpc, model, domain, order="id"):
    """Return the id of the first record that a domain finds."""
    found = rpc(model, "search", domain, limit=1, order=order)
    if not found:
        raise SandboxError(f"The demo data have no {model} with {domain}.")
    return found[0]


def router(rpc):
    """Return the id of the demo's router."""
    return rpc.ref(f"{ADDON}.demo_router")


def message(*domain):
    """Return what finds the newest message of a domain."""
    return lambda rpc: first(rpc, "mail.catchall.message", [*domain], order="id desc")


def tester(rpc):
    """Ask the route tester about a mistyped address; return its id."""
    values = {
        "router_id": router(rpc),
        "email_from": "sara@lindt-design.example",
        "recipient": f"sale@{DOMAIN}",
        "subject": "New showroom",
        "body": "Hello, we need twenty lamps.",
    }
    found = rpc("mail.catchall.tester", "create", [values])[0]
    rpc("mail.catchall.tester", "action_test", [found])
    return found


def assistant(rpc):
    """Return the id of a setup assistant that somebody begins with."""
    values = {"mailbox": f"catchall@{DOMAIN}"}
    return rpc("mail.catchall.setup", "create", [values])[0]


def finish(rpc):
    """Return the id of a setup assistant that somebody has come to the end of."""
    last = message()(rpc)
    values = {
        "step": "done",
        "router_id": router(rpc),
        "mailbox": f"catchall@{DOMAIN}",
        "domain": DOMAIN,
        "seen_message_id": last,
        "line_ids": OFFERED,
    }
    return rpc("mail.catchall.setup", "create", [values])[0]


def trip(rpc):
    """Return the id of the demo's round trip."""
    return rpc.ref(f"{ADDON}.demo_trip")


def outgoing_server(rpc):
    """Return the id of the server that :func:`connect` has made."""
    return first(rpc, "ir.mail_server", [["smtp_user", "=", f"catchall@{DOMAIN}"]])


def connect(rpc):
    """Give the demo's router the servers that a real one has; nobody uses them."""
    # None of them runs, and after a while the dashboard would say that they are late.
    soon = datetime.now(timezone.utc) + timedelta(days=1)
    actions = rpc("ir.cron", "search", [])
    rpc("ir.cron", "write", actions, {"nextcall": f"{soon:%Y-%m-%d %H:%M:%S}"})
    known = rpc("ir.mail_server", "search", [["smtp_user", "=", f"catchall@{DOMAIN}"]])
    if known:
        return
    incoming = rpc(
        "fetchmail.server",
        "create",
        [
            {
                "name": f"catchall@{DOMAIN}",
                "server_type": "imap",
                "server": f"imap.{DOMAIN}",
                "port": 993,
                "is_ssl": True,
                "user": f"catchall@{DOMAIN}",
                "password": "secret",
                "state": "done",
            }
        ],
    )[0]
    outgoing = rpc(
        "ir.mail_server",
        "create",
        [
            {
                "name": f"catchall@{DOMAIN}",
                "smtp_host": f"smtp.{DOMAIN}",
                "smtp_port": 587,
                "smtp_encryption": "starttls",
                "smtp_authentication": "login",
                "smtp_user": f"catchall@{DOMAIN}",
                "smtp_pass": "secret",
                "from_filter": DOMAIN,
            }
        ],
    )[0]
    domain = rpc("mail.alias.domain", "search", [["name", "=", DOMAIN]])[0]
    company = rpc.ref("base.main_company")
    rpc(
        "res.company",
        "write",
        [company],
        {"name": "Lotus Furniture", "alias_domain_id": domain},
    )
    rpc(
        "mail.catchall.router",
        "write",
        [router(rpc)],
        {"fetchmail_server_id": incoming, "mail_server_id": outgoing},
    )
    let_have_sent(rpc, outgoing)


def let_have_sent(rpc, server):
    """Let an outgoing server have sent the last mail an hour ago: the demo data tell of
    mail that was sent, and only the addon itself writes down by which server."""
    values = f"{{'mail_server_id': {server}, 'last_sent': moment}}"
    run_code(
        rpc,
        "moment = datetime.datetime.now() - datetime.timedelta(hours=1)\n"
        f"env['mail.catchall.server.state'].sudo().create({values})",
    )


def run_code(rpc, code):
    """Run code in the database, for what nobody may write down by hand."""
    model = first(rpc, "ir.model", [["model", "=", "ir.mail_server"]])
    values = {"name": "Shown", "model_id": model, "state": "code", "code": code}
    action = rpc("ir.actions.server", "create", [values])
    rpc("ir.actions.server", "run", action)
    rpc("ir.actions.server", "unlink", action)


# ----------------------------------------------------------------------
# PICTURES
# ----------------------------------------------------------------------

MESSAGES, QUARANTINE = "/odoo/mail-router", "/odoo/mail-router-quarantine"
TRIAGE = "/odoo/mail-router-triage"
PHONE_WIDTH, PHONE_HEIGHT = 375, 812
SHOTS = (
    Shot(
        "dashboard",
        "/odoo/mail-router-dashboard",
        ".o_catchall_chart canvas",
        height=1040,
    ),
    Shot("messages", MESSAGES, ".o_data_row", folder=DOC),
    Shot("triage", TRIAGE, ".o_catchall_text", folder=DOC),
    Shot(
        "triage-phone",
        TRIAGE,
        ".o_catchall_row",
        width=PHONE_WIDTH,
        height=PHONE_HEIGHT,
        folder=DOC,
    ),
    Shot("quarantine", QUARANTINE, ".o_data_row"),
    Shot(
        "message",
        f"{QUARANTINE}/{{id}}",
        ".o_form_view .alert-warning",
        record=message(["candidate_ids", "!=", False], ["state", "=", "held"]),
    ),
    Shot(
        "why",
        f"{MESSAGES}/{{id}}",
        ".o_form_view .nav-tabs",
        record=message(["reason_code", "=", "forged_sender"]),
        clicks=(".o_notebook .nav-link[name=why]",),
        phone_clicks=(".o_notebook .nav-link[name=why]",),
    ),
    Shot(
        "tester",
        f"/odoo/action-{ADDON}.mail_catchall_tester_action/{{id}}",
        ".o_form_view",
        record=tester,
    ),
    Shot(
        "router",
        "/odoo/mail-router-routers/{id}",
        ".o_form_view .o_form_sheet",
        record=router,
    ),
    Shot("assistant", "/odoo/mail-router-setup/{id}", ".o_form_view", record=assistant),
    Shot(
        "finish",
        "/odoo/mail-router-setup/{id}",
        "[data-first=waiting]",
        record=finish,
        height=700,
        folder=DOC,
    ),
    Shot(
        "addresses",
        "/odoo/mail-router-addresses",
        ".o_data_row",
        height=600,
        folder=DOC,
    ),
    Shot(
        "trip",
        f"/odoo/action-{ADDON}.mail_catchall_trip_action/{{id}}",
        ".o_form_view .o_form_sheet",
        record=trip,
        height=700,
    ),
    Shot(
        "settings",
        "/odoo/mail-router-settings",
        ".o_form_view .o_field_widget[name=catchall_mailbox]",
        see=".o_field_widget[name=catchall_domain]",
        height=1000,
    ),
    Shot(
        "sending",
        "/odoo/action-base.action_ir_mail_server_list/{id}",
        ".o_form_view .o_form_sheet",
        record=outgoing_server,
        clicks=(".o_notebook .nav-link[name=mail_catchall_router]",),
        phone_clicks=(".o_notebook .nav-link[name=mail_catchall_router]",),
        height=1000,
        folder=DOC,
    ),
)


def take(browser, rpc, shot):
    """Return a picture as the bytes of a small PNG."""
    visit(browser, rpc, shot, (shot.width, shot.height))
    return photograph(browser)


def visit(browser, rpc, shot, size):
    """Open what a picture shows.

    :param size: width and height of the window
    """
    found = shot.record(rpc) if shot.record else ""
    browser.resize(*size)
    browser.go(shot.path.format(id=found))
    if shot.html:
        browser.wait_for("img")
        browser.run(TO_MAIL.format(json.dumps(shot.html(rpc))))
    browser.wait_for(shot.ready)
    for selector in shot.clicks:
        if shot.unfold:
            browser.run(UNFOLD)
        browser.click(selector)
    browser.run(TO_TOP)
    if shot.see:
        browser.wait_for(shot.see)
        browser.run(TO_SIGHT.format(json.dumps(shot.see)))


def photograph(browser):
    """Return what the browser shows, without what blinks or pops up."""
    time.sleep(SETTLE_SECONDS)
    browser.run(QUIET)
    with tempfile.NamedTemporaryFile(suffix=".png") as file:
        browser.screenshot(file.name)
        return reduced(Path(file.name).read_bytes())


def reduced(picture):
    """Return a picture with few colours, which screens have anyway."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    few = image.quantize(COLORS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    stream = io.BytesIO()
    few.save(stream, "PNG", optimize=True)
    return stream.getvalue()


def write(folder, name, picture):
    """Put a picture where it belongs, and say so."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.png"
    path.write_bytes(picture)
    say(f"  {path.relative_to(config.CHECKOUT)}  {len(picture) // 1024} kB")


def install_language(rpc, code):
    """Install a language, unless it is."""
    if rpc("res.lang", "search", [["code", "=", code]]):
        return
    hidden = {"active_test": False}
    found = rpc("res.lang", "search", [["code", "=", code]], context=hidden)
    values = {"lang_ids": [[6, 0, found]], "overwrite": False}
    wizard = rpc("base.language.install", "create", [values])
    rpc("base.language.install", "lang_install", wizard)


def speak(rpc, language):
    """Give the user a language, before a session begins: it keeps the one it had."""
    install_language(rpc, language)
    rpc("res.users", "write", [rpc.uid], {"lang": language})


def take_all(rpc, base, names, language, folder):
    """Take the pictures in one language; return how many failed.

    :param folder: where in doc/ they go, or "" for the place that each has
    """
    speak(rpc, language)
    failed = 0
    with Browser(base).open() as browser:
        browser.log_in("admin")
        browser.wait_for(".o_main_navbar")
        for shot in SHOTS:
            if names and shot.name not in names:
                continue
            try:
                picture = take(browser, rpc, shot)
            except SandboxError as error:
                failed += 1
                say(f"  {shot.name} failed: {error}")
                continue
            write(DOC / folder if folder else shot.folder, shot.name, picture)
    return failed


def take_banner():
    """Make the banner of the Apps page out of the icon and the dashboard."""
    html = Path(__file__).with_name("banner.html").read_text(encoding="utf-8")
    for name in ("icon", "dashboard"):
        content = base64.b64encode((APPS / f"{name}.png").read_bytes()).decode()
        html = html.replace(f"{{{name}}}", f"data:image/png;base64,{content}")
    page = base64.b64encode(html.encode()).decode()
    with Browser("data:text/html;charset=utf-8;base64,", BANNER).open() as browser:
        browser.go(page)
        browser.wait_for("h1")
        write(APPS, "banner", photograph(browser))


def main(database, *names):
    """Take the named pictures, or all; go on after one that fails."""
    instance = config.Instance.current()
    known = {shot.name for shot in SHOTS} | {"banner"}
    if unknown := sorted(set(names) - known):
        raise SandboxError(f"There are no pictures {', '.join(unknown)}.")
    rpc = Rpc(instance.http_port, database)
    connect(rpc)
    base = f"http://localhost:{instance.http_port}"
    failed = sum(
        take_all(rpc, base, names, language, folder)
        for language, folder in LANGUAGES.items()
    )
    if not names or {"banner", "dashboard"} & set(names):
        take_banner()
    return 1 if failed else 0


if __name__ == "__main__":
    with readable_errors():
        sys.exit(main(*sys.argv[1:]))
