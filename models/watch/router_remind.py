from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, split_every

from .delivery_remind import LOOKED_BACK

BATCH_SIZE = 500


class MailCatchallRouter(models.Model):
    """Reminders: who is responsible for a document is told of a customer's mail on it
    that nobody has answered."""

    _inherit = "mail.catchall.router"

    remind_hours = fields.Integer(
        "Remind After (hours)",
        default=24,
        help="When a customer's email has waited this long for a reply, the user "
        "responsible for the document gets an activity. This works while the "
        "scheduled action “Mail Router: remind of unanswered email” is active.",
    )

    @api.constrains("remind_hours")
    def _check_remind_hours(self):
        for router in self:
            if router.remind_hours < 1:
                raise ValidationError(
                    self.env._(
                        "Router %s: the hours until a reminder must be at least 1.",
                        router.name,
                    )
                )

    @api.model
    def _cron_remind(self):
        """Remind of what waits for an answer, batch by batch, each mail once."""
        for router in self.search([("remind_hours", ">", 0)]):
            waiting = router._find_unattended()
            if waiting:
                self.env["ir.cron"]._commit_progress(remaining=len(waiting))
            for ids in split_every(BATCH_SIZE, waiting.ids):
                router._remind_of(waiting.browse(ids))
                if not self.env["ir.cron"]._commit_progress(len(ids)):
                    return

    def _find_unattended(self):
        """Return the deliveries on documents that have waited long enough."""
        now = fields.Datetime.now()
        return self.env["mail.catchall.delivery"].search(
            [
                ("state", "=", "delivered"),
                ("attended", "!=", True),
                ("create_date", ">", now - LOOKED_BACK),
                ("create_date", "<=", now - timedelta(hours=self.remind_hours)),
                ("router_id", "=", self.id),
            ],
            order="create_date, id",
        )

    def _remind_of(self, deliveries):
        """Remind of those of these mails that a customer waits for; the others need
        none any more. Where nobody is responsible yet they are looked at again."""
        settled = deliveries - self._waited_for(deliveries)
        for model, waiting in (deliveries - settled).grouped("model").items():
            records = self.env[model].browse(set(waiting.mapped("res_id"))).exists()
            responsible = {
                record.id: user
                for record in records
                if (user := self._responsible_of(record))
            }
            self._remind_users(records.browse(responsible), responsible)
            settled |= waiting.filtered(
                lambda one, known=responsible, there=records: (
                    one.res_id in known or one.res_id not in there.ids
                )
            )
        settled.attended = True

    def _waited_for(self, deliveries):
        """Return those that a person of outside has written and that no user has
        answered since."""
        senders = set(deliveries.message_id.mapped("sender"))
        users = self.env["res.users"].search(
            [("share", "=", False), ("email_normalized", "in", list(senders))]
        )
        own = set(users.mapped("email_normalized"))
        written = deliveries.filtered(
            lambda one: (
                one.model in self.env
                and one.message_id.sender not in own
                and not any(
                    step["step"] == "automatic" for step in one.message_id.trace
                )
            )
        )
        return written - self._answered(written)

    @api.model
    def _answered(self, deliveries):
        """Return those on whose document a user has written to people since."""
        if not deliveries:
            return deliveries
        self.env["mail.message"].flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM mail_catchall_delivery WHERE id = ANY(%s) AND %s",
                deliveries.ids,
                deliveries._answered_sql("mail_catchall_delivery"),
            )
        )
        return deliveries.browse([row[0] for row in rows])

    @api.model
    def _remind_users(self, records, responsible):
        """Tell the responsible users of these documents, unless they are told still.

        :param records: of one model
        :param responsible: {id: ``res.users``}
        """
        if "activity_ids" not in records._fields:
            for record in records.filtered(lambda one: hasattr(one, "message_notify")):
                self._notify_user(record, responsible[record.id])
            return
        kind = self.env.ref("mail_catchall_router.mail_activity_type_answer")
        told = records.filtered(
            lambda record: kind in record.activity_ids.activity_type_id
        )
        self.env["mail.activity"].create(
            [
                {
                    "res_model_id": self.env["ir.model"]._get_id(record._name),
                    "res_id": record.id,
                    "activity_type_id": kind.id,
                    "user_id": responsible[record.id].id,
                    "date_deadline": fields.Date.context_today(record),
                }
                for record in records - told
            ]
        )

    @api.model
    def _notify_user(self, record, user):
        translate = self.with_context(lang=user.lang).env._
        record.message_notify(
            partner_ids=user.partner_id.ids,
            subject=translate(
                "A customer waits for an answer: %s", record.display_name
            ),
            body=translate("Nobody has answered the last mail on this document yet."),
        )
