import logging

from odoo import SUPERUSER_ID, api, models
from odoo.tools import html2plaintext, mute_logger
from odoo.tools.translate import LazyTranslate

from ...tools.runtime.memo import forget, memo
from ..words import translated
from .mail_thread import ROUTED

_logger = logging.getLogger(__name__)
_lt = LazyTranslate(__name__)

REFUSAL = "refusal"  # in the memo of the mail: why it is refused, in words
LONGEST_WORDS = 200
# What an alias says of the sender has a reason of its own.
CONTACT_POLICIES = frozenset({"partners", "followers"})
# What core's own answer says wrongly: the mail is kept for a person. The reason for
# the journal, and what the sender is told.
GATES = {
    "account.move": (
        _lt("a bill needs an attachment"),
        _lt(
            "Your email has arrived, but there is no attachment. Please send it again "
            "with the bill attached, as a PDF or XML file."
        ),
    ),
}
ANYBODY = '"Somebody" <somebody@customer.example>'


class MailThread(models.AbstractModel):
    """Each app keeps the gate in front of its documents, whoever leads a mail there:
    its alias, a rule, a person or the policy for unknown addresses. Invoicing takes no
    bill without an attachment, a closed group takes nothing."""

    _inherit = "mail.thread"

    # ------------------------------------------------------------
    # GATES
    # ------------------------------------------------------------

    def _catchall_check_route(self, email_message, parsed, route):
        """Return ``[route]`` as the gate of its own model lets it through, [] when that
        refuses the mail.

        :raises ValueError: when the model takes no mail
        """
        gate = self._catchall_gate(*route[:2])
        checked = gate._routing_check_route(
            email_message, parsed, route, raise_exception=True
        )
        return [checked] if checked else []

    def _catchall_gate(self, model, thread_id):
        """Return the model whose gate a route passes. An answer on a document passes
        that of all models, as in core: a comment on a bill needs no attachment."""
        documents = self.env.get(model)
        if not hasattr(documents, "_routing_check_route"):
            return self
        threads = self.env.registry["mail.thread"]
        is_answer = thread_id and issubclass(self.env.registry[model], threads)
        return self if is_answer else documents

    def _routing_warn(self, error_message, message_id, route, raise_exception=True):
        """Keep what an app has against the sender."""
        if self.env.context.get("catchall_routing"):
            alias = route[4]
            policy = alias.alias_contact if alias else ""
            # Core names the alias in front, which the journal does by its address.
            prefix = f"{alias.alias_name}: " if alias else ""
            words = error_message.partition(prefix)[2] if prefix else error_message
            memo(self.env.cr, ROUTED)[REFUSAL] = (
                "" if policy in CONTACT_POLICIES else words or error_message
            )
        return super()._routing_warn(error_message, message_id, route, raise_exception)

    def _catchall_keep_refusal(self, body):
        """Keep the reason of a gate that only writes to the sender; return what he is
        told.

        :param body: Markup, what core would tell
        """
        known = memo(self.env.cr, ROUTED)
        if REFUSAL in known:
            return body
        if self._name in GATES:
            words, told = (translated(self.env, text) for text in GATES[self._name])
            known[REFUSAL] = words
            return told
        # A letter greets and takes its leave; what it is about is its longest line.
        lines = [" ".join(line.split()) for line in html2plaintext(body).splitlines()]
        known[REFUSAL] = max(lines, key=len, default="")[:LONGEST_WORDS]
        return body

    @api.model
    def _catchall_refusal(self):
        """Return what an app has said of the mail that was just refused, "" where it
        is the alias that does not take it from this sender."""
        # It becomes the end of a sentence.
        return (memo(self.env.cr, ROUTED).get(REFUSAL) or "").rstrip(".")

    # ------------------------------------------------------------
    # WHAT A NEW DOCUMENT NEEDS
    # ------------------------------------------------------------

    @api.model
    def _catchall_complete(self, route, parsed):
        """Return a route with the customer or vendor whom the new document cannot do
        without, such as an order: who wrote the mail."""
        model, thread_id, values, user_id, alias = route
        field = self.env[model]._fields.get("partner_id")
        if thread_id or not field or not field.required or values.get("partner_id"):
            return route
        if field.comodel_name != "res.partner":
            return route
        author_id = parsed.get("author_id")
        if not author_id:
            sender = parsed["email_from"]
            author_id = self._partner_find_from_emails_single([sender]).id
        return model, thread_id, dict(values, partner_id=author_id), user_id, alias

    @api.model
    def _catchall_creation_error(self, model, values):
        """Return why no document of a model can be made of a mail, '' if it can. One is
        made, and undone at once.

        :param model: name of a model that takes mail
        :param values: dict of values for the new document
        """
        thread = (
            self.env["mail.thread"]
            .with_user(SUPERUSER_ID)
            .with_context(catchall_routing=True, catchall_silent=True)
        )
        error = ""
        try:
            # What the database refuses is no fault here.
            with mute_logger("odoo.sql_db"), self.env.cr.savepoint() as savepoint:
                thread._catchall_make_sample(model, values)
                savepoint.rollback()
        except Exception as raised:
            # Whatever an app raises, it makes none.
            _logger.info("No %s can be made of a mail", model, exc_info=True)
            error = next(iter(str(raised).strip().splitlines()), type(raised).__name__)
        forget(self.env.cr)
        return error

    @api.model
    def _catchall_make_sample(self, model, values):
        sample = {
            "message_id": "<sample@customer.example>",
            "subject": "Sample",
            "body": "Sample",
            "from": ANYBODY,
            "email_from": ANYBODY,
            "to": "",
            "cc": "",
            "recipients": "",
            "partner_ids": [],
            "attachments": [],
            "references": "",
            "in_reply_to": "",
            "author_id": False,
        }
        route = (model, False, dict(values), SUPERUSER_ID, self.env["mail.alias"])
        completed = self._catchall_complete(route, sample)[2]
        self.env[model].with_context(mail_create_nosubscribe=True).message_new(
            sample, completed
        )
        self.env.flush_all()
