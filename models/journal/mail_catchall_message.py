import base64
import math
from uuid import uuid4

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import html_sanitize, plaintext2html

from ...tools.inbound import loops
from ...tools.mail import fingerprint as fingerprints
from ...tools.mail import headers as header_tools
from ...tools.mail import mime, preview
from ...tools.mail.read import read_mail
from ...tools.runtime.batches import batches
from ...tools.runtime.checkpoints import reached
from ..concurrency import retry_on_concurrency
from ..fields import RawMail, Steps
from ..reader_words import reader_words

OPEN_STATES = ("received", "failed")
SUBJECT_LENGTH = 500
PREVIEW_BYTES = 2_000_000
MEGABYTE = 1024 * 1024
# Bytes of a mail that is read in pieces, by itself.
LARGE = MEGABYTE
# Bytes of mails that are written at once: on the way they take five times the room.
AT_ONCE = 2 * MEGABYTE
# The longest start of a body that tells the mails of one burst.
BURST_BODY_BYTES = 10_000

STATES = [
    ("received", "Received"),
    ("delivered", "Delivered"),
    ("ignored", "Ignored"),
    ("held", "Held"),
    ("failed", "Failed"),
    ("dead", "Dead"),
]

REASONS = [
    ("unknown_recipient", "Unknown address"),
    ("no_recipient", "None of your addresses in it"),
    ("only_account", "Sent to the catch-all address itself"),
    ("alias_contact", "Sender not allowed by the alias"),
    ("loop_guard", "Loop guard"),
    ("loop_received", "Goes in circles"),
    ("loop_delivered", "Was here before"),
    ("burst", "The same email over and over"),
    ("attack", "Attack on unknown addresses"),
    ("trap", "Trap address"),
    ("trap_sender", "Sender of an email to a trap"),
    ("loop_answer", "Answer to a loop notice"),
    ("bounce", "Bounce"),
    ("bounce_unknown", "Bounce of an email that you did not send"),
    ("bounce_claimed", "Bounce Without Proof"),
    ("bounce_doubtful", "Perhaps a bounce"),
    ("delivery_notice", "Notice about a delivery"),
    ("auto_reply", "Automatic answer"),
    ("forwarding", "Forwarding to confirm"),
    ("receipt", "Read receipt"),
    ("forwarded", "Forwarded to a person"),
    ("forward_loop", "Forwarding would go in circles"),
    ("told", "The sender was told"),
    ("unknown_discarded", "Unknown address, discarded"),
    ("duplicate", "Duplicate"),
    ("own_message", "Your own email came back"),
    ("probe", "Round trip test"),
    ("probe_bounce", "Round trip test, not delivered"),
    ("too_large", "Too large"),
    ("too_slow", "Took too long"),
    ("deleted_document", "The document is gone"),
    ("forged_sender", "Forged sender"),
    ("unproven_sender", "Sender not proven"),
    ("spam", "Spam"),
    ("suspicious", "Looks like spam or forgery"),
    ("virus", "Virus"),
    ("unchecked", "Not checked"),
    ("blocked", "Blocked sender"),
    ("app_refused", "Not accepted by the app"),
    ("rule_hold", "Held by a rule"),
    ("rule_discard", "Discarded by a rule"),
    ("rule_target", "The target of a rule no longer exists"),
    ("discarded", "Discarded by a person"),
    ("rejected", "Rejected by a person"),
    ("erased", "Erased on request"),
    ("error", "Error"),
    ("killed_worker", "Stopped its worker process"),
    ("fetch_killed", "Stopped its worker process while it was fetched"),
    ("fetch_failed", "Connection broke while it was fetched"),
    ("fetch_refused", "Refused by the mail server"),
]
# The states of deliveries that have no end yet.
OPEN_DELIVERIES = ("pending", "failed")


class MailCatchallMessage(models.Model):
    """One mail as it arrived: its raw bytes, its state and why.

    ``received``: collected, waits for routing;
    ``delivered``: every recipient that must be settled is, one at least on a record;
    ``ignored``: settled without a record, the reason says why;
    ``held``: a person must decide;
    ``failed``: routing raised, it is tried again at ``next_attempt``;
    ``dead``: the attempts are used up, or it stopped its worker three times.
    """

    _name = "mail.catchall.message"
    _description = "Mail Router Message"
    _inherit = [
        "mail.catchall.by.hour",
        "mail.catchall.evidence",
        "mail.catchall.discussed",
    ]
    _order = "id desc"
    _rec_name = "subject"
    _rec_names_search = ["subject", "email_from", "message_id"]

    # identity
    router_id = fields.Many2one(
        "mail.catchall.router", required=True, readonly=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    message_id = fields.Char(
        "Message-ID",
        readonly=True,
        index="btree_not_null",
        help="The identifier that the sender's mail program gave the email. Replies "
        "name it.",
    )
    fingerprint = fields.Char(
        readonly=True,
        index=True,
        help="A checksum of the email's content, which identifies the same email "
        "when it arrives again.",
    )
    conversation = fields.Char(
        readonly=True,
        help="The first message of the conversation: emails of one conversation are "
        "routed in the order of their arrival.",
    )
    # where it was found
    entrance = fields.Selection(
        [
            ("mailbox", "Mailbox"),
            ("pipe", "Handed over by the mail server"),
            ("import", "Imported file"),
        ],
        "Arrived Through",
        required=True,
        default="mailbox",
        readonly=True,
        help="How the email came into Odoo: read from the mailbox, handed over by a "
        "mail server, or from a file.",
    )
    fetchmail_server_id = fields.Many2one(
        "fetchmail.server", "Incoming Server", readonly=True, ondelete="set null"
    )
    folder = fields.Char(readonly=True)
    uidvalidity = fields.Char(
        "UIDVALIDITY",
        readonly=True,
        help="A number of the folder: when it changes, the mail server has "
        "renumbered its emails.",
    )
    uid = fields.Char(
        "UID",
        readonly=True,
        help="The number of the mail in its folder on the mail server.",
    )
    internal_date = fields.Datetime("Arrived On", readonly=True)
    arrived = fields.Datetime(
        "Reached the Mailbox",
        readonly=True,
        help="When the mail server received it, as far as it tells.",
    )
    # what it is
    email_from = fields.Char("From", readonly=True)
    sender = fields.Char("Sender Address", readonly=True, index="btree_not_null")
    answers_to = fields.Char(
        "Replies Go To",
        readonly=True,
        help="The address in Reply-To, where the email names somebody of elsewhere "
        "there. A reply to a sender who takes none goes there.",
    )
    is_proven = fields.Boolean(
        "Sender Proven",
        readonly=True,
        help="Your provider says that the email comes from the domain in From. Kept "
        "only with the address in Reply-To.",
    )
    subject = fields.Char(readonly=True)
    date = fields.Datetime(readonly=True)
    size = fields.Integer(readonly=True, help="Bytes of the email as it was sent.")
    has_files = fields.Boolean("Has Attachments", readonly=True)
    burst_key = fields.Char(
        readonly=True,
        help="The same for emails of one sender with the same subject and beginning.",
    )
    raw = RawMail(
        "Raw Mail",
        attachment=False,
        readonly=True,
        groups="mail_catchall_router.group_mail_catchall_router_manager",
    )
    raw_kept = fields.Boolean(
        "Raw Mail Kept",
        default=True,
        readonly=True,
        help="The email is still in Odoo as it arrived. Odoo deletes it after the "
        "days that you set on the router; this line stays.",
    )
    complete = fields.Boolean(
        default=True,
        readonly=True,
        help="Not set: Odoo read only the headers; the email itself is still on the "
        "mail server.",
    )
    # what became of it
    state = fields.Selection(
        STATES,
        required=True,
        default="received",
        readonly=True,
        help="Received: waits a moment. Delivered: on a document. Ignored: done "
        "without a document. Held: a person decides. Failed: Odoo retries it. Dead: "
        "Odoo has retried it often enough.",
    )
    reason_code = fields.Selection(REASONS, "Reason Kind", readonly=True)
    reason = fields.Char(compute="_compute_reason", compute_sudo=True)
    reason_codes = fields.Json(
        "All Reasons", compute="_compute_reason_codes", compute_sudo=True
    )
    trace = Steps(readonly=True)
    why = fields.Html(compute="_compute_why", sanitize=False)
    error = fields.Text(
        readonly=True, groups="mail_catchall_router.group_mail_catchall_router_manager"
    )
    delivery_ids = fields.One2many(
        "mail.catchall.delivery", "message_id", "Deliveries", readonly=True
    )
    went_to = fields.Json(compute="_compute_went_to")
    shown_state = fields.Char("Status", compute="_compute_shown_state")
    routed_date = fields.Datetime("Routed", readonly=True)
    delay = fields.Integer(
        "From Arrival to Document (s)",
        readonly=True,
        aggregator="avg",
        help="Seconds from the email's arrival until it was on its document. Empty "
        "while it is on none, and for email from a file.",
    )
    # queue
    attempt_count = fields.Integer(
        "Attempts",
        readonly=True,
        default=0,
        help="How often Odoo tried to route it.",
    )
    crash_count = fields.Integer(
        readonly=True,
        default=0,
        help="How often routing this email stopped Odoo's worker process. After the "
        "third time the email is put aside.",
    )
    next_attempt = fields.Datetime(
        readonly=True,
        help="When Odoo retries a failed email by itself.",
    )
    claim = fields.Char(readonly=True, copy=False)
    # read from the raw bytes
    header_text = fields.Text("Headers", compute="_compute_content")
    preview = fields.Html(compute="_compute_content", sanitize=False)
    plain_text = fields.Text("Text", compute="_compute_content")
    attachment_names = fields.Text("Attachments", compute="_compute_content")

    _uid_uniq = models.UniqueIndex(
        "(fetchmail_server_id, folder, uidvalidity, uid) WHERE uid IS NOT NULL",
        "This email is already in the journal.",
    )
    # The work list, router by router: small whatever the size of the journal.
    _open_idx = models.Index("(router_id, id) WHERE state IN ('received', 'failed')")
    _open_conversation_idx = models.Index(
        "(conversation, id) WHERE state IN ('received', 'failed')"
    )
    _kept_idx = models.Index("(state, routed_date) WHERE raw_kept IS TRUE")
    _claim_idx = models.Index("(claim) WHERE claim IS NOT NULL")
    # The quarantine in its order, with what it is counted by; small whatever the size
    # of the journal. What is only included is not searched by: a page is read in order.
    _waiting_idx = models.Index(
        "(id) INCLUDE (company_id, state, router_id, reason_code, attack_id,"
        " decided_date, snoozed_until) WHERE state IN ('held', 'failed', 'dead')"
    )
    # The same with the mail of one sender together.
    _waiting_sender_idx = models.Index(
        "(sender, id DESC) WHERE state IN ('held', 'failed', 'dead')"
    )
    # The list, in its order, for a company that has few of all messages.
    _company_idx = models.Index("(company_id, id)")
    # Reports look at the rows of their time alone, and count them in the index.
    _date_idx = models.Index(
        "(create_date, state, reason_code, company_id, router_id, delay)"
    )
    _burst_idx = models.Index("(burst_key, arrived) WHERE burst_key IS NOT NULL")
    # The newest mail of a router, however silent it is, and all mail of one.
    _router_idx = models.Index("(router_id, id)")

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    def _compute_content(self):
        """Read headers, a safe preview and the names of the attachments.

        Everybody in the group sees the headers and the sanitised preview; the
        raw bytes themselves are for administrators. Sender's HTML is stripped of
        scripts, forms, styles and of everything that would be loaded from
        outside when it is shown.
        """
        for message in self:
            raw = message._raw_bytes()
            read = read_mail(raw, reader_words(self.env))
            header_block, _body = header_tools.split_raw(raw)
            message.header_text = header_block.decode("utf-8", "replace").replace(
                "\0", ""
            )
            message.preview = Markup().join(map(message._safe_preview, read.texts))
            has_page = any(text.kind == "html" for text in read.texts)
            plain = mime.content_of(read.message, max_bytes=PREVIEW_BYTES).text
            message.plain_text = plain if has_page else False
            message.attachment_names = "\n".join(
                f"{file.name} ({file.content_type}, {math.ceil(file.size / 1000)} kB)"
                for file in read.files
            )

    @api.depends("state", "reason_code")
    @api.depends_context("lang")
    def _compute_shown_state(self):
        for message in self:
            message.shown_state = message._state_in_words()

    @api.depends("delivery_ids.model", "delivery_ids.res_id")
    @api.depends_context("uid", "lang", "allowed_company_ids")
    def _compute_went_to(self):
        """List the documents that the mail is on, as far as the user may see them:
        name, model and id."""
        for message in self:
            documents = {
                (one.model, one.res_id): one.record_name
                for one in message.delivery_ids
                if one.record_name
            }
            message.went_to = [
                {"name": name, "model": model, "id": res_id}
                for (model, res_id), name in documents.items()
            ]

    def _safe_preview(self, text):
        content = text.content[:PREVIEW_BYTES]
        if text.kind == "plain":
            lines = preview.beginning(content, "\n")
            return Markup(preview.harmless(plaintext2html(lines)))
        clean = html_sanitize(
            preview.beginning(content),
            sanitize_attributes=True,
            sanitize_form=True,
            strip_style=True,
            strip_classes=True,
        )
        return Markup(preview.harmless(clean))

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_download(self):
        """Download the raw .eml; for administrators."""
        self.ensure_one()
        if not self.raw:
            raise UserError(self.env._("Odoo no longer keeps the raw mail."))
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/raw"
            f"?download=true&filename=message-{self.id}.eml&mimetype=message/rfc822",
            "target": "download",
        }

    # ------------------------------------------------------------
    # JOURNAL
    # ------------------------------------------------------------

    @api.model
    def _journal(self, router, mails):
        """Write mails down before anything looks at them.

        :param router: the ``mail.catchall.router`` they arrived for
        :param mails: list of dicts with ``raw`` (bytes) and any of ``folder``,
            ``entrance``, ``uidvalidity``, ``uid``, ``internal_date``, ``size``,
            ``complete``, and of an incomplete one ``reason_code`` and ``trace``; or
            instead of ``raw`` with ``pieces``, the ``Pieces`` of a large mail
        :return: the new messages
        """
        messages = self.sudo().browse()
        for some in batches(mails, _bytes_in_memory, len(mails), AT_ONCE):
            written = messages.create(
                [self._prepare_values(router, mail) for mail in some]
            )
            # Nobody needs it twice.
            written.invalidate_recordset(["raw"], flush=False)
            for message, mail in zip(written, some, strict=True):
                if pieces := mail.get("pieces"):
                    message._join(pieces)
            messages += written
        return messages

    def _join(self, pieces):
        """Write the bytes of a mail that are in the database already.

        :param pieces: ``Pieces``
        :raises ValueError: when they are not as many as the mail has
        """
        written = self._fields["raw"].join(self, pieces)
        if written != pieces.size:
            raise ValueError(f"{written} of {pieces.size} bytes of a mail are there")

    @api.model
    def _prepare_values(self, router, mail):
        """Return the values of the message for one mail.

        :param mail: dict as for :meth:`_journal`
        """
        pieces = mail.get("pieces")
        opened = pieces.open() if pieces else header_tools.open_mail(mail["raw"])
        return {
            "router_id": router.id,
            "company_id": router.company_id.id,
            "fetchmail_server_id": router.sudo().fetchmail_server_id.id,
            **self._prepare_journal_values(mail, opened, router.max_size * MEGABYTE),
        }

    @api.model
    def _prepare_journal_values(self, mail, opened, max_size):
        """Return the values that are read from one mail.

        :param mail: dict as for :meth:`_journal`
        :param opened: ``headers.Opened`` of its bytes: they are read once for all
        :param max_size: int, the bytes of the largest mail that is taken whole
        """
        raw, headers, pieces = opened.raw, opened.headers, mail.get("pieces")
        summary = header_tools.summarize(headers)
        fingerprint = fingerprints.fingerprint_of(opened, self._place_of(mail))
        values = {
            "size": pieces.size if pieces else len(raw),
            "fingerprint": fingerprint,
            "message_id": summary.message_id
            or fingerprints.fallback_message_id(fingerprint),
            "conversation": summary.conversation or fingerprint,
            "email_from": summary.email_from,
            "sender": summary.sender,
            "subject": summary.subject[:SUBJECT_LENGTH],
            "date": summary.date,
            "has_files": mime.announces_files(headers),
            "burst_key": loops.burst_key(headers, opened.body_start(BURST_BODY_BYTES)),
            **{name: mail[name] for name in mail if name != "pieces"},
            "raw": False if pieces else base64.b64encode(raw),
        }
        values["arrived"] = self._arrival(values)
        if values["size"] > max_size or not mail.get("complete", True):
            own = {key: mail[key] for key in ("reason_code", "trace") if key in mail}
            values.update(self._prepare_too_large_values(values["size"]), **own)
        return values

    @api.model
    def _place_of(self, mail):
        """Return where a mail was found; nowhere else, and at no other time, was the
        same one.

        :param mail: dict as for :meth:`_journal`
        """
        place = (mail.get("folder"), mail.get("uidvalidity"), mail.get("uid"))
        if mail.get("uid"):
            return "/".join(str(part or "") for part in place)
        # A file that is imported again holds the same mails.
        return "" if mail.get("entrance") == "import" else uuid4().hex

    @api.model
    def _arrival(self, values):
        """Return when a mail arrived: mail that was fetched after a long pause, or
        that was kept in a file, didn't arrive all at once."""
        from_file = values.get("entrance") == "import" and values["date"]
        return values.get("internal_date") or from_file or fields.Datetime.now()

    @api.model
    def _prepare_too_large_values(self, size):
        return {
            "state": "held",
            "reason_code": "too_large",
            "routed_date": fields.Datetime.now(),
            "trace": [{"step": "size", "code": "too_large", "size": size}],
        }

    def _raw_bytes(self):
        """Return the mail's bytes exactly as they arrived; b'' when not kept."""
        self.ensure_one()
        return self._raws()[self]

    def _raws(self):
        """Return {message: its bytes}, as of :meth:`_raw_bytes`. Those that are not
        large come with one statement, and none is kept in the cache."""
        field = self._fields["raw"]
        small = self.filtered(lambda one: one.id and one.size <= LARGE)
        raws = dict.fromkeys(small, b"")
        if small:
            raws |= field.read_all(small)
        for message in self - small:
            raws[message] = (
                field.read_bytes(message) if message.id else message._unstored_raw()
            )
        return {message: raws[message] for message in self}

    def _unstored_raw(self):
        """Return the bytes of a trial's mail, which stand nowhere else."""
        return base64.b64decode(self.sudo().with_context(bin_size=False).raw or b"")

    def _note(self, step, code, **details):
        """Add a decision to the message's trace, which "why" shows in words."""
        self._fields["trace"].add(self, dict(details, step=step, code=code))

    def _is_trial(self):
        """Tell whether these messages are only tried out: then nothing may be
        written, sent, counted or created, only noted as what would happen."""
        return not all(self._ids)

    def _steps_of_last_routing(self):
        steps = self.trace or []
        begins = [at for at, step in enumerate(steps) if step["step"] == "route"]
        return steps[begins[-1] :] if begins else steps

    @api.model
    def _state_label(self, state):
        return dict(self._fields["state"]._description_selection(self.env))[state]

    def _open_delivery_ids(self):
        """Return the deliveries that have no end yet."""
        return self.delivery_ids.filtered(lambda one: one.state in OPEN_DELIVERIES)

    def _add_deliveries(self, recipients, must_settle):
        """Return new deliveries of this message.

        :param recipients: iterable of ``Found``
        :param must_settle: whether they are those that the mail was sent to
        """
        return self._create_deliveries(
            [
                self._prepare_delivery_values(one, must_settle=must_settle)
                for one in recipients
            ]
        )

    def _create_deliveries(self, values_list):
        """Return new deliveries; a trial's are as little stored as the message
        itself."""
        if not values_list:
            return self.env["mail.catchall.delivery"]
        if not self._is_trial():
            return self.env["mail.catchall.delivery"].create(values_list)
        before = self.delivery_ids
        self.delivery_ids = [Command.create(values) for values in values_list]
        return self.delivery_ids - before

    def _prepare_delivery_values(self, found, original=None, must_settle=True):
        return {
            "message_id": self.id,
            "company_id": self.company_id.id,
            "router_id": self.router_id.id,
            "fingerprint": self.fingerprint,
            "recipient": found.address,
            "must_settle": must_settle,
            "header": found.header,
            "state": "duplicate" if original else "pending",
            "original_id": original.id if original else False,
        }

    def _retry_on_concurrency(self, work, *, concludes=False):
        """Do the work and commit; again at once, with jitter, while it collides with
        others, such as a person who decides about a claimed message.

        :param concludes: whether the message's way ends with it
        :return: what the work has returned
        """

        def whole():
            result = work()
            if concludes:
                self.env.cr.flush()
                reached("concluded")
            return result

        result = retry_on_concurrency(self.env, whole)
        if concludes:
            reached("routed")
        return result


def _bytes_in_memory(mail):
    """Return how many bytes of a mail are in memory.

    :param mail: dict as for ``_journal``
    """
    return len(mail.get("raw") or b"")
