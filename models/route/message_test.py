import re
from uuid import uuid4

from odoo import api, fields, models
from odoo.tools import consteq, hmac

TEST_ID = re.compile(r"<catchall-test\.(?P<nonce>\w+)\.(?P<proof>\w+)@[^<>@]+>")
SCOPE = "mail_catchall_router.test"


class MailCatchallMessage(models.Model):
    """Test mails of an alias: they go the way of all mail, and what is made of them is
    known for a test. Their Message-ID says so, which nobody else can make."""

    _inherit = "mail.catchall.message"

    is_test = fields.Boolean(
        "Test Mail", readonly=True, help="Somebody sent it with Send Test Mail."
    )

    # PostgreSQL takes it only for a condition that reads the same.
    _test_idx = models.Index("(id) WHERE is_test IS TRUE")

    @api.model
    def _make_test_id(self, domain):
        """Return the Message-ID of a new test mail.

        :param domain: name of the domain that it is sent from
        """
        nonce = uuid4().hex
        return f"<catchall-test.{nonce}.{self._prove_test(nonce)}@{domain}>"

    @api.model
    def _prove_test(self, nonce):
        return hmac(self.env(su=True), SCOPE, nonce)[:32]

    def _mark_test(self, delivery):
        """Say of a document that a test mail has made it, on itself and here."""
        found = TEST_ID.fullmatch(self.message_id or "")
        if not found or not consteq(self._prove_test(found["nonce"]), found["proof"]):
            return
        self.is_test = True
        record = self.env[delivery.model].browse(delivery.res_id)
        is_new = (delivery.made_model, delivery.made_id) == (record._name, record.id)
        if is_new and hasattr(record, "_message_log"):
            record._message_log(
                body=self.env._(
                    "This is a test: Send Test Mail has made it. Where the test was "
                    "sent from, all tests can be removed."
                )
            )
