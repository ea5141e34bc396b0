import time

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.mail import headers as header_tools
from .mail import Content

TRIAL_MESSAGES = 500
TRIAL_SECONDS = 3  # a person waits for it
SHOWN_MESSAGES = 10
# Bytes in which the headers of nearly every mail stand.
HEAD_BYTES = 48 * 1024


class MailCatchallRule(models.Model):
    """What a rule would have matched, before it is saved."""

    _inherit = "mail.catchall.rule"

    trial_result = fields.Char("Would Have Matched", compute="_compute_trial")
    trial_message_ids = fields.Many2many(
        "mail.catchall.message", string="For Example", compute="_compute_trial"
    )

    @api.depends(
        "router_id",
        "match",
        "condition_ids.field",
        "condition_ids.header_name",
        "condition_ids.operator",
        "condition_ids.value",
    )
    def _compute_trial(self):
        for rule in self:
            rule.trial_result, rule.trial_message_ids = rule._try()

    def _try(self):
        """Return (sentence, some of the messages): what this rule would have matched
        of the router's newest mail that is still kept."""
        nothing = self.env["mail.catchall.message"]
        if not self.condition_ids:
            return self.env._("Add a condition to see what it matches."), nothing
        errors = filter(None, (one._error() for one in self.condition_ids))
        if error := next(errors, ""):
            return error, nothing
        looked_at, matched = self._find_matched()
        result = self.env._(
            "%(matched)s of %(looked_at)s matched",
            matched=len(matched),
            looked_at=looked_at,
        )
        return result, nothing.browse(matched[:SHOWN_MESSAGES])

    def _find_matched(self):
        """Return (number of messages that there was time for, ids that match).

        Of each mail only the headers are read, unless a condition asks for more:
        500 mails may be gigabytes.
        """
        asked = self._asked_fields()
        head_only = "attachment_type" not in asked
        messages = self.env["mail.catchall.message"].search(
            [("router_id", "=", self.router_id._origin.id), ("raw_kept", "=", True)],
            limit=TRIAL_MESSAGES,
        )
        recipients = self._recipients_of(messages)
        trusted = self.router_id._trusted()
        until = time.monotonic() + TRIAL_SECONDS
        looked_at, matched = 0, []
        for message in messages:
            if time.monotonic() > until:
                break
            looked_at += 1
            raw = self._read_raw(message, HEAD_BYTES if head_only else None)
            content = self._content(raw, trusted)
            said = message._engine_verdicts()
            checker = content.checker(asked, message.size, said)
            if any(
                self._fitting(recipient, checker)
                for recipient in recipients.get(message.id) or [""]
            ):
                matched.append(message.id)
        return looked_at, matched

    @api.model
    def _recipients_of(self, messages):
        """Return {message id: list of the addresses it was for}."""
        groups = self.env["mail.catchall.delivery"]._read_group(
            [("message_id", "in", messages.ids)],
            ["message_id"],
            ["recipient:array_agg"],
        )
        return {message.id: addresses for message, addresses in groups}

    @api.model
    def _read_raw(self, message, length=None):
        """Return the bytes of a mail, or its beginning.

        :param length: how many bytes of it are read, or None for all
        """
        table = message._table
        raw = message._fields["raw"].part_to_sql(table, 0, length)
        ((raw,),) = self.env.execute_query(
            SQL(
                "SELECT %s FROM %s WHERE id = %s",
                raw,
                SQL.identifier(table),
                message.id,
            )
        )
        return bytes(raw or b"")

    @api.model
    def _content(self, raw, trusted):
        headers = header_tools.parse_headers(raw)
        return Content(
            raw=raw,
            headers=headers,
            summary=header_tools.summarize(headers),
            **trusted,
        )
