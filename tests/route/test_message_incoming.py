import json
import re
from pathlib import Path

from odoo.tests import tagged

from ...tools.mail.markup import visible_text
from ..common import RouterCommon

#: Mails as people write them, to an alias at this domain, and what a person is to see
#: of each on its document.
FOLDER = Path(__file__).parents[1] / "incoming"
WRITTEN_TO = b"tenmien.test"
EXPECTED = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
#: Their pictures are shown in the text.
WITH_PICTURE = ("09-", "09c", "09d")


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestIncoming(RouterCommon):
    """A mail in a shape that people complain about is whole on its document."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Nearly all of them are from one sender.
        parameters = cls.env["ir.config_parameter"].sudo()
        parameters.set_param("mail.gateway.loop.threshold", "1000")

    def deliver(self, name):
        """Return the ``mail.message`` that a mail of the folder has become."""
        raw = (FOLDER / f"{name}.eml").read_bytes()
        message = self.route(raw.replace(WRITTEN_TO, self.domain.encode()))
        record = self.assertDelivered(message, self.at_domain("sales"))
        return record.message_ids.filtered(lambda one: one.message_type == "email")

    def assertShown(self, name, wanted):
        posted = self.deliver(name)
        self.assertIn(wanted["author"], posted.email_from)
        if wanted["subject"]:
            self.assertEqual(posted.subject, wanted["subject"])
        shown = visible_text(posted.body or "")
        text = wanted["text"].replace(WRITTEN_TO.decode(), self.domain)
        self.assertEqual(re.sub(r"\s", "", shown), re.sub(r"\s", "", text))
        files = posted.attachment_ids.sorted("id").mapped("name")
        self.assertEqual(files, wanted["files"])
        if name.startswith(WITH_PICTURE):
            self.assertIn("/web/image/", posted.body)

    def test_each_is_there_with_text_files_author_and_subject(self):
        self.assertEqual(
            sorted(EXPECTED), sorted(one.stem for one in FOLDER.glob("*.eml"))
        )
        for name, wanted in EXPECTED.items():
            with self.subTest(name), self.env.cr.savepoint():
                self.assertShown(name, wanted)

    def test_an_enclosed_mail_is_a_file_as_it_arrived(self):
        (file,) = self.deliver("05-eml-attached-plain-outer").attachment_ids
        raw = (FOLDER / "05-eml-attached-plain-outer.eml").read_bytes()
        start = raw.index(b"From: Vendor")
        enclosed = raw[start : raw.index(b"--OUT--", start)].strip()
        self.assertEqual(file.raw.replace(b"\r\n", b"\n").strip(), enclosed)
        self.assertEqual(file.mimetype, "message/rfc822")

    def test_a_file_keeps_its_bytes_and_an_invitation_opens(self):
        (orders,) = self.deliver("08-whole-mail-is-csv").attachment_ids
        self.assertEqual(orders.raw.decode(), "id;item;qty\n1;Ghế;20\n2;Bàn;5\n")
        (invitation,) = self.deliver("07-calendar-only").attachment_ids
        self.assertTrue(invitation.raw.startswith(b"BEGIN:VCALENDAR"))
        self.assertEqual(invitation.mimetype, "text/calendar")

    def test_a_date_that_cannot_be_gives_way_to_the_arrival(self):
        for name in ("15g-date-2099", "15h-date-1970"):
            with self.subTest(name):
                posted = self.deliver(name)
                message = self.Message.search([("message_id", "=", posted.message_id)])
                self.assertEqual(
                    posted.date, message.create_date.replace(microsecond=0)
                )
                self.assertNotEqual(message.date, posted.date)
