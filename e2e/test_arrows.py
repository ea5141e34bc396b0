"""What lint says of who imports whom, proven by deliberate offences."""

import pytest

from sandbox import arrows, config
from sandbox.structure import Structure

pytestmark = pytest.mark.alone

ROOMS = {
    "mail": "Imports nothing of the other rooms.",
    "runtime": "Imports nothing of the other rooms.",
    "outbound": "May call ``mail`` and\n``runtime``.",
}


class Addon:
    """A small addon that is written file by file."""

    def __init__(self, folder):
        self.folder = folder
        self.write("tools/__init__.py", '"""Tools."""\n')
        for room, sentence in ROOMS.items():
            self.write(f"tools/{room}/__init__.py", f'"""A room.\n\n{sentence}\n"""\n')
        self.write("tools/mail/text.py", "import re\n\nfrom . import addresses\n")
        self.write("tools/outbound/identity.py", "from ..mail.text import clean\n")
        self.write("models/router.py", "from ..tools.mail import text\n")
        self.write("wizards/setup.py", "from ..models.router import NAME\n")

    def write(self, path, text):
        """Write a file below the addon's folder."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def offences(self):
        """Return what the checks find, in their order."""
        structure = Structure(self.folder)
        return [one for check in arrows.CHECKS for one in check(structure)]


@pytest.fixture
def addon(tmp_path):
    """A small addon without an offence."""
    return Addon(tmp_path)


def test_what_the_rooms_name_is_no_offence(addon):
    """Nor is what comes from elsewhere."""
    assert addon.offences() == []


@pytest.mark.parametrize(
    "line",
    ["from odoo import fields", "import odoo.tools as t", "from odoo.tools import SQL"],
)
def test_tools_import_no_odoo(addon, line):
    """Not even where they would need it at times only."""
    addon.write("tools/mail/text.py", f"def clean():\n    {line}\n")
    (offence,) = addon.offences()
    assert offence.startswith("tools/mail/text.py:2 imports odoo")


@pytest.mark.parametrize(
    "line",
    ["from ..outbound import identity", "from ..outbound.identity import choose",
     "from .. import outbound", "from ...tools.outbound import identity"],
)  # fmt: skip
def test_a_room_imports_only_what_its_docstring_names(addon, line):
    """In whatever form the import is written."""
    addon.write("tools/mail/text.py", f"import re\n\n{line}\n")
    (offence,) = addon.offences()
    assert offence.startswith("tools/mail/text.py:3 imports outbound")
    addon.write("tools/mail/__init__.py", '"""A room.\n\nMay call ``outbound``.\n"""\n')
    assert addon.offences() == []


def test_a_room_says_what_it_may_call(addon):
    """Silence would allow nothing and tell a reader nothing."""
    addon.write("tools/runtime/__init__.py", '"""A room."""\n')
    (offence,) = addon.offences()
    assert "tools/runtime/__init__.py" in offence


def test_nothing_imports_what_stands_above_it(addon):
    """wizards -> models -> tools."""
    addon.write("models/router.py", "from ..wizards import setup\n")
    addon.write("tools/mail/text.py", "from ...models.router import NAME\n")
    above = [one.rpartition(" imports ")[2][:8] for one in addon.offences()]
    assert above == ["wizards/", "models/,"]


def test_the_addon_itself_has_no_offence():
    """The rooms as they are."""
    structure = Structure(config.CHECKOUT)
    assert len([path for path in structure.files if path.startswith("tools/")]) > 50
    assert [one for check in arrows.CHECKS for one in check(structure)] == []
