import ast
from pathlib import Path

from odoo.tests import tagged

from odoo.addons.mail_catchall_router.models.journal import message_why as why
from odoo.addons.mail_catchall_router.models.journal.mail_catchall_message import (
    REASONS,
)

from ..common import RouterCommon

MODELS = Path(why.__file__).parents[1]
ENDS = ("held", "ignored")
# Methods that note: (step, or the place of the argument that is it; place of the code)
NOTING = {
    "_note": (0, 1),
    "note": (0, 1),
    "_hold": ("hold", 1),
    "_settle_all": ("guard", 1),
    "_settle_on": ("deliver", 3),
    "_note_decision": ("person", 0),
    "_settle_by_person": ("person", 0),
}


def constants(node):
    """Return the strings that an expression may be, as far as they stand in it."""
    if isinstance(node, ast.IfExp):
        return constants(node.body) | constants(node.orelse)
    is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return {node.value} if is_text else set()


def noted(node):
    """Return the (steps, code) that a node of the source writes into a trace, each
    with the steps that come into question."""
    if isinstance(node, ast.Tuple) and len(node.elts) == 2:
        codes = constants(node.elts[1]) & dict(REASONS).keys()
        is_verdict = constants(node.elts[0]) & set(ENDS)
        return {(("guard", "hold"), code) for code in codes if is_verdict}
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return set()
    step, place = NOTING.get(node.func.attr, ("", len(node.args)))
    if place >= len(node.args):
        return set()
    steps = constants(node.args[0]) if step == 0 else {step}
    return {((one,), code) for one in steps for code in constants(node.args[place])}


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestWhy(RouterCommon):
    """Every decision has a sentence, and a sentence is text alone."""

    def has_sentence(self, step, code):
        return (step, code) in why.SENTENCES or (step, None) in why.SENTENCES

    # ------------------------------------------------------------
    # WORDS FOR EVERY DECISION
    # ------------------------------------------------------------

    def test_what_the_models_note_has_a_sentence(self):
        found = set()
        for path in MODELS.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                found |= noted(node)
        self.assertIn((("deliver",), "would_post"), found)
        self.assertIn((("hold",), "alias_contact"), found)
        self.assertIn((("guard", "hold"), "blocked"), found)
        missing = {
            (steps, code)
            for steps, code in found
            if not any(self.has_sentence(step, code) for step in steps)
        }
        self.assertFalse(missing)

    def test_every_way_to_match_has_a_sentence(self):
        selection = self.env["mail.catchall.delivery"]._fields["matched_by"].selection
        noted_elsewhere = {"fallback", "rule"}
        for matched_by in dict(selection).keys() - noted_elsewhere:
            self.assertTrue(self.has_sentence("match", matched_by), matched_by)

    def test_every_step_has_an_icon_and_a_label(self):
        self.assertFalse({step for step, _code in why.SENTENCES} - why.STEPS.keys())

    # ------------------------------------------------------------
    # TEXT ALONE
    # ------------------------------------------------------------

    def test_the_steps_are_an_ordered_list(self):
        message = self.route(self.mail(self.at_domain("sales")))
        self.assertTrue(message.why.startswith("<ol"))
        self.assertEqual(message.why.count("<li"), 3)
        self.assertIn("Recipient", message.why)

    def test_an_address_that_says_it_all_is_said_once(self):
        message = self.route(self.mail(self.at_domain("sales")))
        sentences = [message._sentence(step) for step in message.trace]
        self.assertEqual(
            [sentence.count(self.at_domain("sales")) for sentence in sentences],
            [1, 1, 1],
        )
        named = f'"Our sales" <{self.at_domain("sales")}>'
        message = self.route(self.mail(named, message_id="<named@customer.example>"))
        self.assertIn("Our sales", message.why)

    def test_hostile_values_stay_text(self):
        hostile = "<script>alert(1)</script><img src=x onerror=alert(1)>%(x)s%s{0}"
        raw = (
            f"X-Spam-Flag: YES {hostile}\r\nX-Virus-Status: Infected {hostile}\r\n"
        ).encode() + self.mail(
            f'"{hostile}" <{self.at_domain("sales")}>',
            email_from=f'"{hostile}" <a@customer.example>',
            subject=hostile,
            extra=f"Auto-Submitted: auto-generated; {hostile}\r\n",
        )
        message = self.route(raw)
        self.assertEnd(message, "held", "spam")
        self.assertIn("&lt;script&gt;alert(1)", message.why)
        for tag in ("<script", "<img"):
            self.assertNotIn(tag, message.why)
        self.assertIn("%(x)s%s{0}", message.why)
        tags = {part.split(">")[0].split()[0] for part in message.why.split("<")[1:]}
        self.assertEqual(tags, {"ol", "/ol", "li", "/li", "i", "/i", "span", "/span"})
