from odoo import fields, models

from ...tools.inbound.signs import GROUPS
from ...tools.watch.domain_records import is_public


class MailCatchallRouter(models.Model):
    """What the router sees of spam and forgery for itself."""

    _inherit = "mail.catchall.router"

    defence_policy = fields.Selection(
        [
            ("hold", "Hold it"),
            ("warn", "Deliver it with a warning"),
            ("off", "Deliver it, do not look"),
        ],
        "Suspicious Email",
        required=True,
        default="hold",
        help="Odoo looks at each email for signs of spam and forgery itself, also "
        "where the provider does not. Each sign has its points: from 5 points on the "
        "email is held, from 3 on it is delivered with a warning on the document. "
        "Email of a known contact is never held.",
    )
    proof_policy = fields.Selection(
        [
            ("missing", "Where your provider does not say"),
            ("always", "Always, as a second opinion"),
            ("off", "Never"),
        ],
        "Check the Sender Itself",
        required=True,
        default="missing",
        help="Odoo checks SPF, DKIM and DMARC itself: whether the server that sent an "
        "email may send for the sender's domain, and whether the email is signed by "
        "it. For that it asks the name servers of this computer. What your provider "
        "says of the sender always counts more.",
    )
    unproven_policy = fields.Selection(
        [
            ("outsider", "Treat it as from an outsider"),
            ("colleague", "Believe it"),
        ],
        "Colleague without Proof",
        required=True,
        default="outsider",
        help="What happens to an email that claims to be from one of you, came from "
        "the internet, and of which neither your provider nor Odoo's own check says "
        "who sent it. As from an outsider, Odoo delivers it, but not in that person's "
        "name.",
    )
    uses_filter = fields.Boolean(
        "Learn from Decisions",
        default=True,
        help="Odoo learns the words of spam and of wanted email from what you decide. "
        "It says nothing until it knows 25 emails of each.",
    )
    looks_at_sender = fields.Boolean(
        "Look at the Sender",
        default=True,
        help="Your own name at a foreign address, a domain that looks like yours, a "
        "known company that writes from elsewhere, what mail programs always write and "
        "is missing.",
    )
    looks_at_answer = fields.Boolean(
        "Look at Reply-To",
        default=True,
        help="The reply goes elsewhere, and the email is about payments.",
    )
    looks_at_links = fields.Boolean(
        "Look at Links",
        default=True,
        help="A link leads to another place than it says, to a number, or to a page "
        "that knows your address; a form; a picture instead of words.",
    )
    looks_at_files = fields.Boolean(
        "Look at Attachments",
        default=True,
        help="Programs, double endings like .pdf.exe, macros, encrypted archives, web "
        "pages with a form.",
    )
    looks_at_words = fields.Boolean(
        "Look at the Words",
        default=True,
        help="It asks for a password, threatens, speaks of a new bank account, and the "
        "like, in English, Vietnamese and the languages that most such email is "
        "written in.",
    )
    looks_at_contact = fields.Boolean(
        "Look at First Contact",
        default=True,
        help="A first email with a link, or one to many of your addresses.",
    )
    engine_ids = fields.One2many(
        "mail.catchall.engine",
        "router_id",
        "Engines",
        groups="base.group_system",
        help="Programs that judge each email before it is routed: Rspamd and "
        "SpamAssassin look for spam, ClamAV for viruses.",
    )
    guarded_names = fields.Text(
        "Directors",
        help="Names of people whom criminals like to imitate, one a line. Your users' "
        "names count by themselves.",
    )

    def _provable_domains(self):
        """Return the own domains of which name servers can know, in their order."""
        return tuple(sorted(filter(is_public, self._own_domains())))

    def _signs_off(self):
        """Return the codes of the signs that are switched off."""
        return frozenset(
            code
            for group, codes in GROUPS.items()
            if not self[f"looks_at_{group}"]
            for code in codes
        )
