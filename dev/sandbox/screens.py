"""The screens of the addon, and what axe-core says of them.

Run by ``dev/axe``, in the virtual environment, against a database with demo data:
``python -m sandbox.screens DATABASE AXE_SCRIPT LANGUAGE FOLDER [NAME ...]``.
"""

import math
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

from . import config, shots
from .browser import DESKTOP, PHONE, Browser
from .pages import SCREENS
from .progress import SandboxError, readable_errors, say
from .rpc import Rpc

GRAVE = ("serious", "critical")
ANYTHING = (
    ".o_action_manager .o_content, .modal-body, .container form, .container .alert"
)
SIZES = {"desktop": DESKTOP, "phone": PHONE}
TALLEST = 4000  # pixels of a picture
# By how much the window would have to grow for nothing of the page to be hidden.
HIDDEN = """
Math.max(0, ...[document.documentElement, ...document.querySelectorAll(
    document.querySelector(".modal") ? ".modal, .modal *" : ".o_action_manager *"
)].filter((one) =>
    one === document.documentElement ||
    /auto|scroll/.test(getComputedStyle(one).overflowY)
).map((one) => one.scrollHeight - one.clientHeight))
"""
# What axe finds as JSON: rule, weight, where, the piece of the page, what is wrong.
RUN = """
axe.run(document, {iframes: false, resultTypes: ["violations"]}).then((found) =>
    found.violations.flatMap((rule) => rule.nodes.map((node) => ({
        rule: rule.id,
        impact: node.impact || rule.impact,
        target: node.target.join(" "),
        html: node.html.slice(0, 200),
        words: node.failureSummary,
        inside: [...(function* (one) {
            for (; one && one.classList; one = one.parentElement) {
                yield one.tagName.toLowerCase() + "." + [...one.classList].join(".");
            }
        })(document.querySelector(node.target[node.target.length - 1]))].join(" "),
    })))
)
"""


@dataclass(frozen=True)
class Core:
    """A finding in Odoo's own web client: the rule, where, and why it is left.

    ``inside``: a piece of the tags and classes of the element or of what holds it;
    ``unless``: one with which it is ours after all.
    """

    rule: str
    inside: str
    why: str
    unless: str = "\0"


CLIENT = "the web client's own frame, around each app"
SEARCH = "the web client's own search"
LIST = "the web client's own lists and their widgets"
CHATTER = "Odoo's own discussion"
FORM_PARTS = "the web client's own forms and their widgets"
WINDOWS = "the web client's own windows, whose title is their name for the eye alone"
SETTINGS = "Odoo's own settings, of all apps together"
CORE = (
    Core("html-has-lang", "html", CLIENT),
    Core("aria-required-children", "o_menu_", CLIENT),
    Core("aria-required-parent", "o_menu_", CLIENT),
    Core("link-name", "o_menu_toggle", CLIENT),
    Core("aria-required-parent", "o_searchview", SEARCH),
    Core("aria-allowed-attr", "o_searchview", SEARCH),
    Core("aria-command-name", "o_searchview", SEARCH),
    Core("role-img-alt", "o_searchview", SEARCH),
    Core("button-name", "o_search_panel", SEARCH),
    Core("button-name", "o_cp_switch_buttons", SEARCH),
    Core("button-name", "o_control_panel_navigation", SEARCH),
    Core("aria-allowed-attr", "o-dropdown", CLIENT),
    Core("button-name", "o_back_button", CLIENT),
    Core("button-name", "o_button_more", CLIENT),
    Core("label", "checkbox-comp-", LIST),
    Core("aria-allowed-attr", "o_tag", LIST),
    Core("label", "boolean_checkbox", LIST),
    # In our app they are darker than Odoo's own.
    Core("color-contrast", "o_field_badge", LIST, unless="o_catchall_app"),
    Core("button-name", "o_optional_columns_dropdown", LIST),
    Core("aria-required-parent", "nav-link", FORM_PARTS),
    Core("frame-title", "o_field_html", FORM_PARTS),
    Core("autocomplete-valid", "o_select_menu", FORM_PARTS),
    Core("button-name", "o_clipboard_button", FORM_PARTS),
    Core("aria-dialog-name", "o_technical_modal", WINDOWS),
    Core("aria-required-parent", "settings_tab", SETTINGS),
    # Their labels have the theme's colour: they belong to no app of ours.
    Core("color-contrast", "o_form_label", SETTINGS),
    *(
        Core(rule, "o-mail-", CHATTER)
        for rule in (
            *("aria-command-name", "aria-prohibited-attr", "button-name"),
            *("color-contrast", "image-alt", "role-img-alt"),
            "scrollable-region-focusable",
        )
    ),
)


# ----------------------------------------------------------------------
# JUDGE
# ----------------------------------------------------------------------


def judge(browser, script):
    """Return what axe-core calls serious or critical on the page that is open."""
    time.sleep(shots.SETTLE_SECONDS)
    browser.run(script)
    found = browser.run(RUN)
    if found is None:
        raise SandboxError("axe-core could not look at the page.")
    return [one for one in found if one["impact"] in GRAVE]


def reason_of(finding):
    """Return why a finding is left, "" for one of ours."""
    where = f"{finding['inside']} {finding['target']} {finding['html']}"
    for one in CORE:
        is_meant = one.rule == finding["rule"] and one.inside in where
        if is_meant and one.unless not in where:
            return one.why
    return ""


def on_phone(shot):
    """Return what of a screen is looked at on a phone, where a list shows cards and
    the triage first its list."""
    if shot.phone_clicks:
        return replace(shot, clicks=shot.phone_clicks)
    ready = shot.ready if shot.html else ANYTHING
    return replace(shot, ready=ready, clicks=(), see="")


def picture(browser, pixels):
    """Return the whole of the page that is open as a PNG, also what a person would have
    to scroll to."""
    width, height = pixels
    # Once: the text of a mail is as high as the window allows.
    hidden = math.ceil(browser.run(HIDDEN) or 0)
    browser.resize(width, min(TALLEST, height + hidden))
    return shots.photograph(browser)


def tell(name, size, findings):
    """Print what was found on a screen; return how much of it is ours."""
    ours = [one for one in findings if not reason_of(one)]
    core = len(findings) - len(ours)
    say(f"{name} ({size}): {len(ours)} ours, {core} of Odoo's own")
    for one in ours:
        say(f"  {one['impact']} {one['rule']}: {one['target']}")
        say(f"    {one['html']}")
        say("    " + (one["words"] or "").replace("\n", "\n    "))
    return len(ours)


def main(database, script_path, language, folder, *names):
    """Look at the named screens, or all; return 1 when something of ours is found.

    :param folder: where a picture of each is kept, "" for nowhere
    """
    known = {one.name for one in SCREENS}
    if unknown := sorted(set(names) - known):
        raise SandboxError(f"There are no screens {', '.join(unknown)}.")
    script = Path(script_path).read_text(encoding="utf-8") + ";0"
    instance = config.Instance.current()
    rpc = Rpc(instance.http_port, database)
    shots.connect(rpc)
    shots.speak(rpc, language)
    wanted = [one for one in SCREENS if not names or one.name in names]
    ours, failed = 0, 0
    with Browser(f"http://localhost:{instance.http_port}").open() as browser:
        browser.log_in("admin")
        browser.wait_for(".o_main_navbar")
        # One size after the other: a window that has just grown draws as a small one.
        for size, pixels in SIZES.items():
            for shot in wanted:
                seen = on_phone(shot) if size == "phone" else shot
                try:
                    shots.visit(browser, rpc, seen, pixels)
                    findings = judge(browser, script)
                except SandboxError as error:
                    failed += 1
                    say(f"{shot.name} ({size}) failed: {error}")
                    continue
                ours += tell(shot.name, size, findings)
                if folder:
                    path = Path(folder, f"{shot.name}-{size}-{language}.png")
                    path.write_bytes(picture(browser, pixels))
    say(f"{len(wanted)} screens, {ours} findings of ours, {failed} not opened")
    return 1 if ours or failed else 0


if __name__ == "__main__":
    with readable_errors():
        sys.exit(main(*sys.argv[1:]))
