from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.mail import addresses
from ...tools.outbound.attempts import ACCEPTED, UNKNOWN
from ...tools.runtime import locks

BEGUN = "begun"
#: Another worker is at it right now.
BUSY = "busy"
KEPT = timedelta(days=2)
GC_BATCH = 10_000


class MailCatchallHandover(models.Model):
    """What a mail server has taken of an outgoing mail, recipient by recipient.

    begun: the server is given the mail, and hasn't answered yet. Committed before the
    last byte of the mail is sent.
    accepted: the server has taken it. Committed right after its answer.
    unknown: the connection broke before the answer.

    These notes are committed apart from the mail's own transaction, so that neither a
    rollback nor a crash makes anybody get a mail twice. A mail that was ``begun`` by a
    worker that is dead may have been taken or not: only the time between the server's
    answer and the commit of ``accepted`` (some milliseconds) leaves this open, and
    then a person is asked.
    """

    _name = "mail.catchall.handover"
    _description = "Handing Over of an Outgoing Mail"
    _log_access = False

    # No foreign key: the mail may be one of a transaction that is not committed.
    mail_id = fields.Integer(required=True)
    recipient = fields.Char(required=True)
    state = fields.Selection(
        [(BEGUN, "Begun"), (ACCEPTED, "Accepted"), (UNKNOWN, "Unknown")],
        required=True,
    )
    worker = fields.Integer(help="The token of the worker that is sending the email.")
    date = fields.Datetime(required=True)

    _recipient_uniq = models.Constraint(
        "UNIQUE(mail_id, recipient)", "Each recipient gets an email once."
    )
    _date_idx = models.Index("(date)")

    # ------------------------------------------------------------
    # NOTES
    # ------------------------------------------------------------

    @api.model
    def _key(self, address):
        """Return the form in which a recipient is noted."""
        return addresses.normalize(address) or address

    @api.model
    def _begin(self, mail_id, recipients, worker):
        """Note that a worker hands a mail over; tell whether nobody else does, and
        nobody has."""
        keys = sorted(set(map(self._key, recipients)))
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO mail_catchall_handover
                            (mail_id, recipient, state, worker, date)
                SELECT %s, unnest(%s), %s, %s, now() AT TIME ZONE 'UTC'
                    ON CONFLICT (mail_id, recipient) DO NOTHING
                """,
                mail_id,
                keys,
                BEGUN,
                worker,
            )
        )
        if self.env.cr.rowcount == len(keys):
            return True
        self._forget_begun(mail_id, worker)
        return False

    @api.model
    def _conclude(self, mail_id, worker, state):
        """Note what became of what a worker has begun."""
        # It need not outlive a crash of the database server: then the mail is one of
        # which nobody knows. So the answer is not kept waiting for the disk.
        self.env.cr.execute("SET LOCAL synchronous_commit TO OFF")
        self.env.cr.execute(
            SQL(
                """
                UPDATE mail_catchall_handover
                   SET state = %s
                 WHERE mail_id = %s AND worker = %s AND state = %s
                """,
                state,
                mail_id,
                worker,
                BEGUN,
            )
        )

    @api.model
    def _forget_begun(self, mail_id, worker):
        """Forget what a worker has begun: the server did not take it."""
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM mail_catchall_handover
                 WHERE mail_id = %s AND worker = %s AND state = %s
                """,
                mail_id,
                worker,
                BEGUN,
            )
        )

    # ------------------------------------------------------------
    # WHAT IS KNOWN
    # ------------------------------------------------------------

    @api.model
    def _known_of(self, mail_ids):
        """Return {mail id: {recipient: ACCEPTED, UNKNOWN or BUSY}}."""
        self.env.cr.execute(
            SQL(
                """
                SELECT mail_id, recipient, state, worker
                  FROM mail_catchall_handover
                 WHERE mail_id = ANY(%s)
                """,
                list(mail_ids),
            )
        )
        rows = self.env.cr.fetchall()
        begun = any(state == BEGUN for *_ids, state, _worker in rows)
        living = locks.living_workers(self.env.cr) if begun else set()
        known = {}
        for mail_id, recipient, state, worker in rows:
            if state == BEGUN:
                state = BUSY if worker in living else UNKNOWN
            known.setdefault(mail_id, {})[recipient] = state
        return known

    @api.model
    def _settle(self, mail_ids, is_accepted):
        """Let a person's word stand for the server's answer that never came."""
        unknown = self._unknown_of(mail_ids)
        if is_accepted:
            unknown.state = ACCEPTED
            unknown.flush_recordset()
        else:
            unknown.unlink()

    def _unknown_of(self, mail_ids):
        known = self._known_of(mail_ids)
        pairs = {
            (mail_id, recipient)
            for mail_id, states in known.items()
            for recipient, state in states.items()
            if state == UNKNOWN
        }
        return self.search([("mail_id", "in", list(known))]).filtered(
            lambda one: (one.mail_id, one.recipient) in pairs
        )

    # ------------------------------------------------------------
    # GC
    # ------------------------------------------------------------

    @api.autovacuum
    def _gc_handovers(self):
        """Forget the notes of mails that are not tried again; the window of a mail
        offers that of one that was cancelled, too."""
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM mail_catchall_handover
                 WHERE id IN (
                    SELECT note.id
                      FROM mail_catchall_handover note
                 LEFT JOIN mail_mail mail ON mail.id = note.mail_id
                     WHERE note.date < %s
                       AND (mail.id IS NULL
                            OR mail.state NOT IN ('outgoing', 'exception', 'cancel'))
                     LIMIT %s)
                """,
                fields.Datetime.now() - KEPT,
                GC_BATCH,
            )
        )
        done = self.env.cr.rowcount
        return done, int(done == GC_BATCH)
