"""Kinds of mail, each with what a person would say that it is."""

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.inbound import (
    authors,
    automatic,
    bounces,
    forwarding,
    receipts,
)
from odoo.addons.mail_catchall_router.tools.mail.read import read_mail
from odoo.addons.mail_catchall_router.tools.mail.write import write_mail

from .mail_kinds import KINDS

OWN = frozenset({"tenmien.test"})


def found(raw):
    """Return what the reader and the guards' tools say of a mail, as a dict."""
    read = read_mail(raw)
    headers = read.headers
    author = authors.find_author(headers, OWN)
    bounce = bounces.read_bounce(raw, "", headers)
    receipt = receipts.read_receipt(raw, headers)
    texts = " ".join(text.visible for text in read.texts)
    asked = forwarding.read_confirmation(headers, lambda: (texts, ""))
    return {
        "author": author.mailbox.address,
        "author_name": author.mailbox.name,
        "why": author.reason,
        "subject": read.subject,
        "texts": texts,
        "files": [file.name for file in read.files],
        "report": (bounce.action if bounce.certain else "doubt") if bounce else "",
        "auto": automatic.kind_of(automatic.automatic(headers, lambda: texts)),
        "forwarding": asked.provider if asked else "",
        "receipt": receipt.action if receipt else "",
    }


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestMailKinds(BaseCase):
    """Each mail is what people expect of it."""

    def test_each_is_what_people_expect(self):
        for kind in KINDS:
            with self.subTest(kind.name):
                self.check(kind)

    def check(self, kind):
        expected = dict(kind.expected)
        is_found = found(kind.raw)
        texts = is_found.pop("texts")
        wanted = expected.pop("texts", None)
        if wanted is not None:
            places = [texts.find(one) for one in wanted]
            self.assertEqual(places, sorted(places), texts)
            self.assertNotIn(-1, places, texts)
            self.assertTrue(wanted or not texts.strip(), texts)
        for absent in expected.pop("absent", ()):
            self.assertNotIn(absent, texts)
        if isinstance(expected.get("report"), tuple):
            self.assertIn(is_found["report"], expected.pop("report"))
        self.assertEqual({name: is_found[name] for name in expected}, expected)

    def test_what_is_written_is_read_alike(self):
        for kind in KINDS:
            read = read_mail(kind.raw)
            written = write_mail(read)
            with self.subTest(kind.name):
                self.assertEqual(
                    str(written["Subject"] or "").split(), read.subject.split()
                )
                if written is not read.message:
                    parts = [one for one in written.walk() if not one.is_multipart()]
                    self.assertEqual(len(parts), len(read.texts) + len(read.files))
