import json
import logging

import requests

from odoo import api, fields, models
from odoo.tools import SQL, ormcache

from ...tools.inbound import intake, sns
from ...tools.mail import fingerprint as fingerprints
from ...tools.mail import headers as header_tools

_logger = logging.getLogger(__name__)

PATH = "/mail_router/intake"
MEGABYTE = 1024 * 1024
# Key class of the lock that lets the same mail in twice, one after the other.
SAME_MAIL = 0x4D434948
#: Seconds that Amazon may take for an answer.
TIMEOUT = 10


class MailCatchallRouter(models.Model):
    """Mail that is posted to us: providers without a mailbox, or without a catch-all.

    Who posts shows a token, of which only the hash is stored. What he says of the SMTP
    envelope stands on top of the mail, where a mail server writes it, so that routing
    knows the original recipient.
    """

    _inherit = "mail.catchall.router"

    intake_token_hash = fields.Char(groups=fields.NO_ACCESS, copy=False)
    intake_token_date = fields.Datetime("Intake Token Made", readonly=True, copy=False)
    intake_url = fields.Char("Intake Address", compute="_compute_intake_url")

    def _compute_intake_url(self):
        for router in self:
            router.intake_url = (
                f"{router.get_base_url()}{PATH}/{router.id}" if router.id else False
            )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_make_intake_token(self):
        """Make a new token, which ends the old one, and show it this once."""
        return self._issue_token("intake", self.env._("Token for the Intake"))

    def action_forget_intake_token(self):
        """End the token: nobody can post mail any more."""
        return self._revoke_token("intake")

    # ------------------------------------------------------------
    # MAIL
    # ------------------------------------------------------------

    def _intake_limit(self):
        """Return how many bytes one request may have."""
        return intake.largest_body(self.max_size * MEGABYTE)

    def _intake_pauses(self):
        """Tell whether posted mail waits with its sender: too much waits here already,
        or this database is a copy."""
        self.ensure_one()
        return self._is_neutralized() or self.is_stranger or self._must_pause()

    def _take_in(self, handover, key):
        """Journal a mail that was posted; one that was taken in before, with the same
        envelope, is not taken in again.

        :param handover: ``intake.Handover``
        :param key: str, tells one handover of a mail that says nothing of itself from
            the next
        :return: whether it is new
        :raises UserError: when it is larger than the router takes
        """
        self.ensure_one()
        self._require_size(len(handover.raw))
        opened = header_tools.open_mail(handover.raw)
        if not fingerprints.needs_place(opened):
            key = fingerprints.fingerprint_of(opened)
        raw = intake.with_envelope(handover, intake.plain_key(key))
        if self._is_taken_in(raw):
            return False
        self._journal_from("pipe", [raw])
        return True

    def _is_taken_in(self, raw):
        """Tell whether these very bytes are journalled; of two who post them at the
        same time, the second waits for the end of the first, and sees what it has
        committed."""
        found = fingerprints.fingerprint_of(header_tools.open_mail(raw))
        lock = SQL("SELECT pg_advisory_xact_lock(%s, hashtext(%s))", SAME_MAIL, found)
        self.env.execute_query(lock)
        with self.env.registry.cursor() as cr:
            # Our own transaction may have begun before that commit.
            copies = self.env(cr=cr)["mail.catchall.message"].search(
                [
                    ("fingerprint", "=", found),
                    ("router_id", "=", self.id),
                    ("entrance", "=", "pipe"),
                ]
            )
            return any(copy._raw_bytes() == raw for copy in copies)

    # ------------------------------------------------------------
    # AMAZON
    # ------------------------------------------------------------

    @api.model
    def _read_posted_json(self, text):
        """Return the mail in JSON: of Postmark, or of Amazon SES over SNS.

        :param text: str
        :return: ``intake.Handover``; None of a message that asks whether we want mail,
            to which we have said yes
        :raises intake.NoMailError: when there is none in it
        :raises sns.NotSignedError: when it says that it is Amazon's and is not
        """
        data = intake.read_json(text)
        if not sns.is_message(data):
            return intake.of_postmark(data)
        certificate = self._amazon_certificate(sns.certificate_url(data))
        sns.check(data, certificate, sns.utc_now())
        if data["Type"] == sns.CONFIRMATION:
            self._confirm_amazon(data)
            return None
        return intake.of_ses(str(data.get("Message")))

    @api.model
    @ormcache("url")
    def _amazon_certificate(self, url):
        """Return the certificate at an address of Amazon's, PEM.

        :raises requests.RequestException: when there is none now; that is not kept
        """
        found = self._ask_amazon(url)
        if not sns.is_certificate(found):
            raise requests.RequestException("There is no certificate at Amazon now.")
        return found

    @api.model
    def _confirm_amazon(self, data):
        """Tell Amazon that we want the notifications of a topic."""
        url = data.get("SubscribeURL")
        if not sns.is_own_url(url):
            raise sns.NotSignedError("The address to confirm at is not Amazon's.")
        self._ask_amazon(url)
        _logger.info("Subscribed to %s", json.dumps(data.get("TopicArn")))

    @api.model
    def _ask_amazon(self, url):
        """Return what is at an address.

        :raises requests.RequestException: when there is no answer
        """
        answer = requests.get(url, timeout=TIMEOUT, allow_redirects=False)
        answer.raise_for_status()
        return answer.content
