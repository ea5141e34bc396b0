from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..cleaning import delete_outdated

KEPT_FOR = timedelta(days=2)


class MailCatchallAnswer(models.Model):
    """One automatic answer that a sender has got: he gets no other of its kind on
    the same day, and all senders together get only so many an hour."""

    _name = "mail.catchall.answer"
    _description = "Automatic Answer"
    _order = "id desc"
    _rec_name = "address"

    router_id = fields.Many2one(
        "mail.catchall.router",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    address = fields.Char("Answered", required=True, readonly=True)
    sender = fields.Char(
        required=True, readonly=True, help="The author of the mail that was answered."
    )
    kind = fields.Char(required=True, readonly=True)
    day = fields.Date(required=True, readonly=True)
    number = fields.Integer(required=True, readonly=True)

    # Envelope senders may differ from mail to mail, and so may authors.
    _address_uniq = models.UniqueIndex(
        "(router_id, kind, day, address)",
        "This sender already got an automatic answer today.",
    )
    _sender_uniq = models.UniqueIndex(
        "(router_id, kind, day, sender)",
        "This sender already got an automatic answer today.",
    )
    # Whoever writes an answer down has seen all before it: of two lanes that count
    # at the same time one has to start over.
    _number_uniq = models.UniqueIndex(
        "(router_id, number)", "Another answer was recorded at the same time."
    )
    _date_idx = models.Index("(router_id, create_date)")

    @api.model
    def _counts(self, router, kind, address, sender):
        """Return what decides whether one more may be given, as keyword arguments of
        ``answers.Facts``."""
        limit = router.answers_per_hour
        return {
            "told_today": self._is_told(router, kind, address, sender),
            "told_last_hour": self._count_last_hour(router, limit),
            "answers_per_hour": limit,
        }

    @api.model
    def _is_told(self, router, kind, address, sender):
        """Tell whether one of these had an answer of this kind today."""
        today = [
            ("router_id", "=", router.id),
            ("kind", "=", kind),
            ("day", "=", fields.Date.today()),
        ]
        return any(
            self.search_count([*today, (name, "=", value)], limit=1)
            for name, value in (("address", address), ("sender", sender))
        )

    @api.model
    def _count_last_hour(self, router, limit):
        """Return how many answers were given in the last hour, up to ``limit``."""
        since = fields.Datetime.now() - timedelta(hours=1)
        return self.search_count(
            [("router_id", "=", router.id), ("create_date", ">", since)], limit=limit
        )

    @api.model
    def _find_of_address(self, address):
        """Return what was answered to an address."""
        return self.search(["|", ("address", "=", address), ("sender", "=", address)])

    @api.model
    def _write_down(self, router, kind, address, sender):
        """Write an answer down.

        :return: whether it may be given; False when there is one already
        :raises psycopg2.errors.SerializationFailure: when another transaction has
            written one down that this one cannot see; what is tried again then
            counts it
        """
        last = self.search(
            [("router_id", "=", router.id)], order="number desc", limit=1
        )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO mail_catchall_answer
                            (router_id, kind, day, address, sender, number,
                             create_date, create_uid, write_date, write_uid)
                     VALUES (%(router)s, %(kind)s, %(day)s, %(address)s, %(sender)s,
                             %(number)s, %(now)s, %(uid)s, %(now)s, %(uid)s)
                ON CONFLICT DO NOTHING
                  RETURNING id
                """,
                router=router.id,
                kind=kind,
                day=fields.Date.today(),
                address=address,
                sender=sender,
                number=last.number + 1,
                now=fields.Datetime.now(),
                uid=self.env.uid,
            ),
            log_exceptions=False,
        )
        return bool(self.env.cr.fetchall())

    @api.model
    def _forget(self, router, kind, address, day):
        """Strike an answer out that was not sent after all."""
        self.search(
            [
                ("router_id", "=", router.id),
                ("kind", "=", kind),
                ("address", "=", address),
                ("day", "=", day),
            ]
        ).unlink()

    @api.autovacuum
    def _gc_answers(self):
        """Forget answers that forbid no other any more.

        :return: (number done, whether there may be more)
        """
        before = fields.Datetime.now() - KEPT_FOR
        return delete_outdated(self, [("create_date", "<", before)])
