import importlib
import pkgutil
import re

from odoo.tests import TransactionCase, tagged

from .. import models

PAIR = re.compile(r"^- ([\w.]+)\.(\w+):\s+([\w.]+) < ([\w.]+)$", re.MULTILINE)


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestRooms(TransactionCase):
    """Where two files define one method, the room says which of them runs first."""

    def named_pairs(self):
        """Return [(model, method, module of the base, module of the override)]."""
        found = []
        for room in pkgutil.iter_modules(models.__path__, f"{models.__name__}."):
            if not room.ispkg:
                continue
            text = importlib.import_module(room.name).__doc__
            for model, method, *modules in PAIR.findall(text):
                places = [
                    f"{models.__name__ if '.' in one else room.name}.{one}"
                    for one in modules
                ]
                found.append((model, method, *places))
        return found

    def test_of_two_overrides_the_one_that_its_room_names_last_runs_first(self):
        pairs = self.named_pairs()
        self.assertTrue(pairs)
        for model, method, base, override in pairs:
            defining = [
                one.__module__
                for one in type(self.env[model]).__mro__
                if method in vars(one)
            ]
            with self.subTest(model=model, method=method):
                self.assertLess(defining.index(override), defining.index(base))
