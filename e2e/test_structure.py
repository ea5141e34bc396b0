"""What lint says of the addon's build, proven by deliberate offences."""

import subprocess
import textwrap
from pathlib import Path

import pytest

from sandbox import config, setup, structure_checks
from sandbox.structure import Structure

pytestmark = pytest.mark.alone

MESSAGE = "mail.catchall.message"
R8180 = structure_checks.split_models, structure_checks.misplaced_slices
MANIFEST = """
{
    "name": "Small",
    "version": "19.0.1.0.0",
    "author": "Catch-all Mail Router contributors",
    "license": "LGPL-3",
}
"""
BASE = """
class MailCatchallMessage(models.Model):
    _name = "mail.catchall.message"

    def _end(self):
        return self._note()

    def _note(self):
        return 1
"""
LATER = """
class MailCatchallMessage(models.Model):
    _inherit = "mail.catchall.message"

    def _guard(self):
        return self.with_company(1)._end()
"""
OVERRIDE = """
class MailCatchallMessage(models.Model):
    _inherit = "mail.catchall.message"

    def _note(self):
        return super()._note() + 1
"""
PAIR = f"- {MESSAGE}._note:\n  journal.mail_catchall_message < message_alpha"


class Addon:
    """A small addon that is written file by file."""

    def __init__(self, folder):
        self.folder = folder / config.ADDON
        self.write("__manifest__.py", MANIFEST)
        self.write("README.md", "# Small\n")
        self.write("__init__.py", "from . import models\n")
        self.rooms("journal", "route")
        self.files("journal", "mail_catchall_message")
        # Not in the order of the alphabet.
        self.files("route", "message_zulu", "message_alpha")
        self.model("journal/mail_catchall_message.py", BASE)
        self.model("route/message_zulu.py", LATER)
        self.model("route/message_alpha.py", LATER.replace("_guard", "_match"))

    def write(self, path, text):
        """Write a file below the addon's folder."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text.lstrip(), encoding="utf-8")

    def model(self, path, *classes):
        """Write a file of models/ that holds these classes."""
        text = "\n\n".join(map(textwrap.dedent, classes))
        self.write(f"models/{path}", f"from odoo import models\n\n{text}")

    def rooms(self, *names):
        """Let models/ import these rooms, in this order."""
        self.write("models/__init__.py", f"from . import {', '.join(names)}\n")

    def files(self, room, *names, says=""):
        """Let a room import these files, in this order."""
        text = f'"""A room.\n\n{says}\n"""\n\nfrom . import {", ".join(names)}\n'
        self.write(f"models/{room}/__init__.py", text)

    def read(self):
        """Return its structure."""
        return Structure(self.folder)


@pytest.fixture
def addon(tmp_path):
    """A small addon without an offence."""
    return Addon(tmp_path)


def pylint(addon):
    """Return what pylint says of an addon as it is installed."""
    return structure_checks.pylint(
        setup.venv() / "bin" / "pylint",
        addon.folder,
        f"--rcfile={config.CHECKOUT / '.pylintrc'}",
    )


# ----------------------------------------------------------------------
# SLICES AND CALLS
# ----------------------------------------------------------------------


def test_slices_are_in_the_order_of_their_import(addon):
    """Rooms, files in them, and what a file imports before its class."""
    assert [one.module for one in addon.read().slices_of(MESSAGE)] == [
        "journal.mail_catchall_message",
        "route.message_zulu",
        "route.message_alpha",
    ]
    alone = "from .message_alpha import models\n\n" + LATER
    addon.write("models/route/message_zulu.py", alone)
    assert [one.module for one in addon.read().slices_of(MESSAGE)][1:] == [
        "route.message_alpha",
        "route.message_zulu",
    ]


def test_a_circle_is_found(addon):
    """Two slices that need each other, whatever stands before the call."""
    assert structure_checks.circles(addon.read()) == []
    there = LATER.replace("._end()", "._match()")
    back = LATER.replace("_guard(self)", "_match(self)").replace("._end()", "._guard()")
    addon.model("route/message_zulu.py", there)
    addon.model("route/message_alpha.py", back)
    (offence,) = structure_checks.circles(addon.read())
    assert "models/route/message_alpha.py -> models/route/message_zulu.py (_guard)" in (
        offence
    )
    assert "mail_catchall_message.py" not in offence


def test_an_override_is_no_circle(addon):
    """A call of a hook leads to its base, not to who extends it."""
    addon.model("route/message_alpha.py", OVERRIDE)
    structure = addon.read()
    assert structure_checks.circles(structure) == []
    names = {(one.module, other.module) for one, other in structure.arrows(MESSAGE)}
    assert names == {
        ("route.message_zulu", "journal.mail_catchall_message"),
        ("route.message_alpha", "journal.mail_catchall_message"),
    }


def test_moves_and_returns(addon):
    """Each method is read once; of overrides, the one that runs first."""
    addon.model("route/message_alpha.py", OVERRIDE)
    walk = addon.read().walk(MESSAGE, "_guard")
    base, override = "models/journal/mail_catchall_message.py", "models/route/{}.py"
    alpha, zulu = override.format("message_alpha"), override.format("message_zulu")
    assert walk.moves == [
        (zulu, base, "_end", False),
        (base, alpha, "_note", False),
        (alpha, base, "_note", True),
    ]
    assert (walk.methods, walk.returns) == (4, 1)


# ----------------------------------------------------------------------
# OVERRIDES
# ----------------------------------------------------------------------


def test_a_new_pair_of_overrides_fails(addon):
    """Until the room of the later one names it."""
    addon.model("route/message_alpha.py", OVERRIDE)
    (offence,) = structure_checks.overrides(addon.read())
    assert f"{MESSAGE}._note: journal.mail_catchall_message < message_alpha" in offence
    assert "models/route/__init__.py" in offence
    addon.files("route", "message_zulu", "message_alpha", says=PAIR)
    assert structure_checks.overrides(addon.read()) == []


def test_a_pair_that_is_named_the_wrong_way_round_fails(addon):
    """What the room says is what the imports do."""
    addon.model("route/message_alpha.py", OVERRIDE)
    addon.model("route/message_zulu.py", OVERRIDE)
    line = f"- {MESSAGE}._note: {{}} < {{}}"
    first = line.format("journal.mail_catchall_message", "message_zulu")
    second = line.format("message_zulu", "message_alpha")
    names = "message_zulu", "message_alpha"
    addon.files("route", *names, says=f"{first}\n{second}")
    assert structure_checks.overrides(addon.read()) == []
    addon.files("route", *reversed(names), says=f"{first}\n{second}")
    assert len(structure_checks.overrides(addon.read())) == 4


def test_a_pair_that_is_gone_fails(addon):
    """A room that names what it no longer holds."""
    addon.files("route", "message_zulu", "message_alpha", says=PAIR)
    (offence,) = structure_checks.overrides(addon.read())
    assert "not so" in offence


# ----------------------------------------------------------------------
# FILES AND METHODS
# ----------------------------------------------------------------------


def test_a_long_method_fails(addon):
    """34 lines are let through, 35 are not."""
    for lines, failing in ((33, 0), (34, 1)):
        body = "\n".join(["        x = 1"] * lines)
        addon.model(
            "route/message_alpha.py", f"{LATER}\n    def _long(self):\n{body}\n"
        )
        assert len(structure_checks.long_methods(addon.read())) == failing


def test_test_files_that_odoo_never_runs_fail(addon):
    """Of two with one name the later import hides the earlier; or none is there."""
    for room in ("route", "send"):
        addon.write(f"tests/{room}/test_x.py", "")
        addon.write(f"tests/{room}/__init__.py", "from . import test_x\n")
    (offence,) = structure_checks.test_names(addon.read())
    assert "tests/route/test_x.py, tests/send/test_x.py" in offence
    assert structure_checks.unloaded_tests(addon.read()) == []
    addon.write("tests/send/__init__.py", "")
    (offence,) = structure_checks.unloaded_tests(addon.read())
    assert "tests/send/test_x.py" in offence


def test_two_classes_of_a_model_in_one_file_fail(addon):
    """Also where the first of them defines the model, which R8180 lets through."""
    assert structure_checks.doubled_slices(addon.read()) == []
    addon.model("journal/mail_catchall_message.py", BASE, LATER)
    (offence,) = structure_checks.doubled_slices(addon.read())
    assert "models/journal/mail_catchall_message.py" in offence


# ----------------------------------------------------------------------
# R8180
# ----------------------------------------------------------------------


def test_r8180_lets_slices_through_that_are_named_after_their_model(addon):
    """Pylint names the pair, and it is what the rooms are made of."""
    messages = pylint(addon)
    assert [one["messageId"] for one in messages] == ["R8180"]
    for check in structure_checks.complaints, *R8180:
        assert check(messages) == []


def test_r8180_fails_on_two_classes_of_a_model_in_one_file(addon):
    """As OCA's rule has it."""
    addon.model("route/message_alpha.py", LATER, OVERRIDE)
    offences = structure_checks.split_models(pylint(addon))
    assert len(offences) == 1
    assert "models/route/message_alpha.py extends" in offences[0]


def test_r8180_fails_on_a_slice_in_a_file_of_another_name(addon):
    """A second class somewhere else is to be merged."""
    addon.files("route", "message_zulu", "message_alpha", "mail_thread")
    addon.model("route/mail_thread.py", LATER)
    offences = structure_checks.misplaced_slices(pylint(addon))
    assert len(offences) == 1
    assert "models/route/mail_thread.py extends" in offences[0]


def test_what_else_pylint_says_fails(addon):
    """Odoo's own import of this addon, which it sees with the manifest only."""
    addon.write(
        "models/route/message_zulu.py",
        f"from odoo.addons.{config.ADDON}.models.route import message_alpha\n",
    )
    (complaint,) = structure_checks.complaints(pylint(addon))
    assert "models/route/message_zulu.py:1: [W8150" in complaint


def test_the_addon_as_it_is_installed(tmp_path):
    """One folder below a root, with its manifest and without what stays behind."""
    target = structure_checks.install(config.CHECKOUT, tmp_path)
    names = {path.name for path in target.iterdir()}
    assert {"__manifest__.py", "models", "tools", "wizards", "static"} <= names
    assert not {".git", "bench", "dev", "e2e", "tests"} & names


# ----------------------------------------------------------------------
# THIS ADDON
# ----------------------------------------------------------------------


@pytest.mark.parametrize("check", structure_checks.CHECKS, ids=lambda one: one.__name__)
def test_this_addon_is_built_so(check):
    """What lint checks, with something to check."""
    structure = Structure(config.CHECKOUT)
    assert len(structure.slices) > 100
    assert check(structure) == []


def test_before_and_now_stand_side_by_side(addon):
    """The table of a folder and of this checkout."""
    program = Path(config.CHECKOUT) / "dev" / "structure"
    result = subprocess.run(
        [program, addon.folder], capture_output=True, text=True, check=True
    )
    rows = {
        cells[1].strip(): [cell.strip() for cell in cells[2:-1]]
        for line in result.stdout.splitlines()
        if (cells := line.split("|"))
    }
    assert rows["files in models/route/"][0] == "2"
    assert rows[f"slices of {MESSAGE}"][0] == "3"
    assert int(rows[f"slices of {MESSAGE}"][1]) > 3
