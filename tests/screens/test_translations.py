import ast
import re
from collections import Counter
from pathlib import Path

import polib

from odoo.tests import TransactionCase, tagged
from odoo.tools.translate import TranslationModuleReader

MODULE = "mail_catchall_router"
ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "i18n" / f"{MODULE}.pot"
VIETNAMESE = ROOT / "i18n" / "vi.po"
MARKERS = frozenset({"_", "_lt"})
# The page of what waits is named "To Decide"; DMARC has a policy of the other name.
OTHER_NAME = re.compile(r"\bQuarantine\b|\bthe quarantine\b")
# A number before a word for several: of one, such a sentence would be wrong.
MANY = re.compile(
    r"%(?:\(\w+\))?[sd] (?:new )?(?:emails|documents|files|messages|seconds|times)\b"
)
# Those that have a sentence for one, or say it of several alone.
NEVER_OF_ONE = frozenset(
    {
        "%s documents",
        "%s emails",
        "%s emails are waiting for a decision",
        "%s emails are waiting for you",
        "%s new emails were collected.",
        "To Decide: %s emails are waiting for you",
        "An email can wait for up to %s seconds.",
        "An engine needs a port, and waits for %s seconds at most.",
        "It leaves in %s seconds.",
        "Routing it took longer than %(seconds)s seconds.",
    }
)
# Their beginning: of a number that is never 1.
NEVER_OF_ONE_BEGIN = (
    "Fetching it from the mail server was stopped by force",
    "The connection to the mail server broke",
    "Odoo was stopped by force %(count)s times",
    "The files hold %(count)s emails.",
    "The mail server did not say where any of the last",
    "Loop guard: ",
    "%(count)s emails of this sender with the same subject",
    "“%(name)s” holds %(count)s emails.",
)
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w+\}")
# Names and examples that stay as they are in each language.
SAME = frozenset(
    {
        "%(app)s: %(becomes)s (%(record)s)",
        "Alias",
        "Bcc",
        "CRM",
        "Cc",
        "ClamAV",
        "DKIM",
        "DMARC",
        "Email",
        "Email Aliases Mixin (light)",
        "HTTP Routing",
        "Helpdesk",
        "Header",
        "ID",
        "IMAP",
        "Mail Blacklist mixin",
        "Message-ID",
        "OdooBot",
        "POP3",
        "Qweb",
        "Received: from ...\nFrom: ...\nTo: ...",
        "Rspamd",
        "SPF",
        "SSL/TLS",
        "STARTTLS",
        "SpamAssassin",
        "Token",
        "UID",
        "UIDVALIDITY",
        "X-Priority",
        "mailcow, Mailu, iRedMail, docker-mailserver",
        "sales@yourcompany.example",
        "somebody@customer.example",
        "video",
    }
)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestTranslations(TransactionCase):
    """Whatever a person can read is in the catalogues: of fields, views, records,
    code and assets."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        foreign = cls.foreign_fields()
        # {term: places}, and the terms of fields that other apps add to our models.
        cls.exported, cls.tolerated = {}, set()
        for _module, kind, name, xml_id, term, *_rest in TranslationModuleReader(
            cls.env.cr, modules=[MODULE]
        ):
            if xml_id in foreign or cls.is_of_an_app(kind, name):
                cls.tolerated.add(term)
            else:
                cls.exported.setdefault(term, set()).add((kind, name))
        cls.template = cls.entries(TEMPLATE)
        cls.vietnamese = cls.entries(VIETNAMESE)

    @classmethod
    def own_modules(cls):
        """Return the names of this addon and of all that it needs."""
        addon = cls.env["ir.module.module"].search([("name", "=", MODULE)])
        needed = addon | addon.upstream_dependencies(exclude_states=("uninstallable",))
        return set(needed.mapped("name"))

    @classmethod
    def is_of_an_app(cls, kind, name):
        """Tell whether a term is the value of a field that another app has added, such
        as the name that Website gives the form of a model.

        :param name: "model,field" where the kind is that of records
        """
        model, _comma, field = name.partition(",")
        if kind != "model" or model != "ir.model":
            return False
        return not cls.own & set(cls.env[model]._fields[field]._modules)

    @classmethod
    def foreign_fields(cls):
        """Return the external ids of the fields of this addon's models that are there
        only as long as another app is installed."""
        cls.own = own = cls.own_modules()
        data = cls.env["ir.model.data"].search(
            [("module", "=", MODULE), ("model", "=", "ir.model.fields")]
        )
        found = cls.env["ir.model.fields"].browse(data.mapped("res_id"))
        return {
            one.complete_name
            for one, field in zip(data, found, strict=True)
            if not own & set(cls.env[field.model]._fields[field.name]._modules)
        }

    @staticmethod
    def entries(path):
        """Return {msgid: entry} of a catalogue."""
        catalogue = polib.pofile(str(path))
        return {entry.msgid: entry for entry in catalogue if not entry.obsolete}

    def assert_none(self, terms, what):
        if terms:
            listed = "\n".join(sorted(map(repr, terms)))
            self.fail(f"{len(terms)} {what}:\n{listed}")

    def test_the_template_has_every_term_and_no_other(self):
        # Of each kind something was found at all.
        kinds = {kind for places in self.exported.values() for kind, _name in places}
        self.assertLessEqual({"code", "model", "model_terms"}, kinds)
        suffixes = {
            Path(name).suffix
            for places in self.exported.values()
            for kind, name in places
            if kind == "code"
        }
        self.assertLessEqual({".py", ".js", ".xml"}, suffixes)
        exported, known = set(self.exported), set(self.template)
        self.assert_none(exported - known, "terms that the template lacks")
        gone = known - exported - self.tolerated
        self.assert_none(gone, "terms of the template that are gone")

    def test_every_term_is_translated_to_vietnamese(self):
        unmarked = self.unmarked()
        lacking = [
            term
            for term in self.exported
            if term not in SAME
            and term not in unmarked
            and not self.is_translated(self.vietnamese.get(term))
        ]
        self.assert_none(lacking, "terms without a Vietnamese translation")
        surplus = set(self.vietnamese) - set(self.exported) - self.tolerated
        self.assert_none(surplus, "translated terms that are gone")

    def test_the_page_of_what_waits_has_one_name(self):
        self.assertIn("To Decide", self.exported)
        named = [term for term in self.exported if OTHER_NAME.search(term)]
        self.assert_none(named, "terms that give it another name")

    def test_no_sentence_counts_one_as_many(self):
        wrong = [
            term
            for term in self.exported
            if MANY.search(term)
            and term not in NEVER_OF_ONE
            and not term.startswith(NEVER_OF_ONE_BEGIN)
        ]
        self.assert_none(wrong, "terms that count one as many")

    def test_translations_keep_the_placeholders(self):
        different = [
            term
            for term, entry in self.vietnamese.items()
            if entry.msgstr
            and Counter(PLACEHOLDER.findall(term))
            != Counter(PLACEHOLDER.findall(entry.msgstr))
        ]
        self.assert_none(different, "translations with other placeholders")

    def is_translated(self, entry):
        return entry is not None and bool(entry.msgstr.strip()) and not entry.fuzzy

    def unmarked(self):
        """Return the terms that Odoo's export takes from code though no call marks
        them: it reads a tuple after a call as another call."""
        from_code = {
            term
            for term, places in self.exported.items()
            if all(kind == "code" and name.endswith(".py") for kind, name in places)
        }
        marked = set()
        for path in ROOT.glob("**/*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            marked.update(filter(None, map(self.marked, ast.walk(tree))))
        return from_code - marked

    def marked(self, node):
        """Return the text that a call of the code gives to be translated, or None."""
        if not isinstance(node, ast.Call) or not node.args:
            return None
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        text = node.args[0]
        is_text = isinstance(text, ast.Constant) and isinstance(text.value, str)
        return text.value if name in MARKERS and is_text else None
