from odoo import models

from .batch import Batch


class MailCatchallMessage(models.Model):
    """Routing of one message: guards, recipients, match, rules, deliver, conclude.

    All of it is one transaction, with a savepoint per recipient where the mail does not
    share it with others. Nothing here talks SMTP or IMAP: what core wants to send is
    queued.
    """

    _inherit = "mail.catchall.message"

    def _route(self, opened=None):
        """Bring the message to an end that is explained; no commit.

        :param opened: as for :meth:`_open_mails`, or None
        """
        self.ensure_one()
        batch = Batch(opened={} if opened is None else opened)
        self._route_mail(self._begin(batch)[self])

    def _begin(self, batch=None):
        """Read these messages and open their deliveries.

        :param batch: the ``Batch`` that they belong to, or None for one of their own
        :return: {message: ``Mail``}
        """
        mails = self._read_closely(batch or Batch())
        self._open_deliveries(mails)
        return mails

    def _read_closely(self, batch):
        """Read these messages and all that they are judged by, and guessed at. Nobody
        looks that closely at what is only one more mail of an attack.

        :param batch: the ``Batch`` that they belong to
        :return: {message: ``Mail``}
        """
        mails = self._read_mails(batch)
        batch.swelling.difference_update(self)
        batch.swelling.update(
            one for one, mail in mails.items() if one._only_swells_attack(mail)
        )
        self._look_up_alike(mails, batch)
        self._look_up_defence(mails, batch)
        return mails

    def _route_mail(self, mail):
        """Bring the message to its end, for what was read of it.

        Each step is in the file of its name: message_guards, message_match,
        message_attack, message_rules, message_unknown, message_deliver, message_ends.
        """
        message = self.with_company(mail.company)
        if not message._guard(mail):
            matches = message._find_matches(mail)
            matches = message._stop_attack(matches, mail)
            matches = message._guess_unmatched(matches, mail)
            message._apply_rules(matches, mail)
            matches = message._settle_unmatched(matches, mail)
            message._deliver(matches, mail)
            message._tell_meant(matches, mail)
        if message not in mail.batch.ending:
            message._conclude(mail.left, mail.kept)

    # ------------------------------------------------------------
    # RECIPIENTS
    # ------------------------------------------------------------

    def _open_deliveries(self, mails):
        """Write down who must be settled, once; later attempts find them there.

        A recipient whose copy of the same content has a delivery already gets one
        that is linked to it.

        :param mails: {message: ``Mail``}
        """
        values_list = []
        for message, mail in mails.items():
            if message.trace:
                mail.note("route", "again")
            if message.company_id != mail.company:
                message.company_id = mail.company
            if not message.delivery_ids:
                values_list += message._prepare_opening(mail)
        # What was to make room for them comes before them.
        self.env["mail.catchall.delivery"].flush_model(
            ["fingerprint", "recipient", "state"]
        )
        self._create_deliveries(values_list)

    def _prepare_opening(self, mail):
        """Return the values of the deliveries that a mail opens with, and note who
        they are for."""
        found = mail.recipients.must_settle
        code = "original" if mail.recipients.original_known else "named"
        for one in found:
            mail.note_found(code, one)
        return [
            self._prepare_delivery_values(one, mail.originals.get(one.address))
            for one in found
        ]
