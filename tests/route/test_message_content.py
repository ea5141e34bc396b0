import re

from odoo.tests import tagged

from ...tools.mail.markup import visible_text
from ...tools.mail.read import read_mail
from ...tools.mail.write import write_mail
from ..common import RouterCommon
from ..mime_trees import as_mail, mime_trees
from ..strategies import given, quick


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestContent(RouterCommon):
    """What core makes of a mail that we have written is what the reader says."""

    def parse(self, read):
        thread = self.env["mail.thread"].with_context(catchall_routing=True)
        return thread.message_parse(write_mail(read))

    def files_of(self, parsed):
        """Return (name, bytes, Content-ID) of the files that core keeps."""
        return [
            (name, self.bytes_of(content, info), info.get("cid") or "")
            for name, content, info in parsed["attachments"]
        ]

    def bytes_of(self, content, info):
        # As `mail.thread._process_attachments_for_post` does.
        if isinstance(content, str):
            return content.encode(info.get("encoding") or "utf-8")
        return content if isinstance(content, bytes) else content.as_bytes()

    def assertReadAlike(self, raw):
        read = read_mail(raw)
        parsed = self.parse(read)
        files = [(one.name, one.content, one.cid) for one in read.files]
        self.assertEqual(self.files_of(parsed), files)
        shown = " ".join(text.visible for text in read.texts)
        self.assertEqual(
            re.sub(r"\s+", "", visible_text(str(parsed["body"]))),
            re.sub(r"\s+", "", shown),
        )
        self.assertEqual(parsed["subject"], read.subject)
        self.assertIn(read.author.address, parsed["email_from"])

    @quick
    @given(mime_trees)
    def test_core_reads_what_the_reader_says(self, tree):
        self.assertReadAlike(as_mail(tree, "Báo giá"))
