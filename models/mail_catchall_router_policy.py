from odoo import api, fields, models
from odoo.exceptions import ValidationError


class MailCatchallRouter(models.Model):
    """Policies of the way in: what the router does with which kind of mail, and whose
    word about a mail it believes."""

    _inherit = "mail.catchall.router"

    guess_policy = fields.Selection(
        [("deliver", "Deliver it there, marked as a guess"), ("hold", "Hold it")],
        "Mistyped Address",
        required=True,
        default="deliver",
        help="What happens to a mail for an address that does not exist, when exactly "
        "one of yours was nearly named.",
    )
    auto_reply_policy = fields.Selection(
        [("held", "Hold it"), ("ignored", "Ignore it")],
        "Automatic Answer to Nothing",
        required=True,
        default="held",
        help="What happens to an absence note or another automatic answer that "
        "answers no message known here. It never makes a document.",
    )
    forged_policy = fields.Selection(
        [("held", "Hold it"), ("outsider", "Take it as from an outsider")],
        "Forged Sender",
        required=True,
        default="held",
        help="What happens to a mail that claims to be from one of you, when your "
        "provider says that it isn't. It is never posted as that person.",
    )
    spam_policy = fields.Selection(
        [("held", "Hold it"), ("ignored", "Discard it"), ("deliver", "Deliver it")],
        "Spam",
        required=True,
        default="held",
        help="What happens to a mail that your provider's filter calls spam.",
    )
    spam_threshold = fields.Float(
        help="A mail with this score or more is spam. 0: the filter's own word counts.",
    )
    answers_per_hour = fields.Integer(
        default=30,
        help="So many automatic answers are given to all senders together in one "
        "hour. 0: none.",
    )
    authserv_ids = fields.Char(
        "Authentication Servers",
        help="The names under which your provider writes Authentication-Results, "
        "separated by commas. Empty: the topmost one, if it is one of his servers.",
    )
    own_hosts = fields.Char(
        "Own Mail Hosts",
        help="Names of the provider's mail servers, separated by commas. Only what "
        "they wrote into a mail is believed. Empty: the server that wrote the "
        "topmost Received line.",
    )

    @api.constrains("answers_per_hour")
    def _check_answers_per_hour(self):
        for router in self:
            if router.answers_per_hour < 0:
                raise ValidationError(
                    self.env._(
                        "Router %s: the answers per hour cannot be less than 0.",
                        router.name,
                    )
                )

    def _trusted_hosts(self):
        """Answer the frozenset of the provider's host names, lower case."""
        return self._names_in(self.own_hosts)

    def _trusted_authserv_ids(self):
        """Answer the frozenset of the provider's authserv-ids, lower case."""
        return self._names_in(self.authserv_ids)

    @api.model
    def _names_in(self, text):
        names = (text or "").replace(";", ",").split(",")
        return frozenset(name.strip().lower() for name in names if name.strip())
