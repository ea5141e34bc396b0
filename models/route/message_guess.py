from odoo import SUPERUSER_ID, fields, models

from ...tools.inbound import suggestions
from ...tools.mail import addresses
from .message_route import Match


class MailCatchallMessage(models.Model):
    """Unknown addresses: which own address was meant by one that nearly names it."""

    _inherit = "mail.catchall.message"

    candidate_ids = fields.One2many(
        "mail.catchall.candidate", "message_id", "Candidates", readonly=True
    )

    def _guess(self, delivery, mail):
        """Answer the :class:`Match` for the one own address that an unknown address
        nearly names, or None. What comes into question is in the trace, and among
        the candidates that a person can choose from."""
        if not delivery.must_settle or mail.recipients.only_account:
            return None
        alike = self._alike(delivery.recipient, mail)
        for suggestion in alike:
            self._note(
                "suggestion",
                suggestion.distance_kind,
                address=delivery.recipient,
                suggestion=suggestion.address,
            )
        if len(alike) == 1 and self.router_id.guess_policy == "deliver":
            return self._match_guessed(alike[0].address)
        self._offer(delivery, alike)
        return None

    def _match_guessed(self, address):
        """Answer the :class:`Match` for an own address: its alias, or the mailbox of
        the user who has it."""
        alias = self._find_alias(address)
        forward_to = "" if alias else address
        return Match("guess", address, alias, forward_to=forward_to)

    def _alike(self, address, mail):
        """Answer the tuple of ``Suggestion`` for an unknown own address."""
        key = self.router_id, address
        if key not in mail.batch.alike:
            mail.batch.alike[key] = self._find_alike([address])[address]
        return mail.batch.alike[key]

    def _find_alike(self, unknown):
        """Answer {address: tuple of ``Suggestion``} for unknown own addresses:
        aliases, and the users' own addresses."""
        if not unknown:
            return {}
        router = self.router_id
        local_parts = {addresses.split(address)[0] for address in unknown}
        aliases = self.env["mail.alias"]._catchall_find_alike(
            local_parts, router.sudo().alias_domain_ids
        )
        users = self.env["res.users"]._catchall_find_alike(local_parts)
        return suggestions.candidates_of_all(
            unknown,
            [*aliases.mapped("alias_full_name"), *users.mapped("email_normalized")],
            router._own_domains(),
        )

    def _mark_guess(self, delivery, match):
        """Say on the document that the address does not exist."""
        record = self.env[delivery.model].browse(delivery.res_id)
        if not hasattr(record, "_message_log"):
            return
        if match.by == "guess":
            record._message_log(
                body=self.env._(
                    "This mail was sent to %(written)s, which does not exist. It was "
                    "taken for %(meant)s.",
                    written=delivery.recipient,
                    meant=match.address,
                )
            )
        elif match.by == "fallback":
            record._message_log(
                body=self.env._(
                    "This mail was sent to %(written)s, which does not exist.",
                    written=delivery.recipient,
                )
            )

    # ------------------------------------------------------------
    # CANDIDATES
    # ------------------------------------------------------------

    def _offer(self, delivery, alike):
        """Keep what may have been meant for a person to choose from."""
        if self._is_trial():
            return
        self._candidates_of(delivery).unlink()
        matches = {one: self._match_guessed(one.address) for one in alike}
        self.env["mail.catchall.candidate"].create(
            [
                {
                    "message_id": self.id,
                    "delivery_id": delivery.id,
                    "address": suggestion.address,
                    "kind": suggestion.distance_kind,
                    "alias_id": match.alias.id,
                    "forward_to": match.forward_to,
                }
                for suggestion, match in matches.items()
            ]
        )

    def _candidates_of(self, delivery):
        return self.candidate_ids.filtered(lambda one: one.delivery_id == delivery)

    def _choose(self, candidate):
        """Send waiting mail to the candidate that a person has chosen.

        :param candidate: a ``mail.catchall.candidate`` of this message
        """
        message = self._decidable()
        message._note_decision(
            "choose", before=message._snapshot(), target=candidate.address
        )
        candidate.delivery_id.sudo().write(
            {
                "matched_by": "person",
                "alias_id": candidate.alias_id.id,
                "forward_to": candidate.forward_to,
                "model": False,
                "res_id": False,
            }
        )
        message.with_user(SUPERUSER_ID)._route_directed()
        return message._report("choose")
