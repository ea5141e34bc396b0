from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

# Mail that has waited longer is nobody's surprise any more.
LOOKED_BACK = timedelta(days=14)
# What the look for answers reads past the ORM.
READ_HERE = (
    "mail.catchall.delivery",
    "mail.catchall.message",
    "mail.message",
    "mail.message.subtype",
    "res.partner",
    "res.users",
)


class MailCatchallDelivery(models.Model):
    """Whether a customer's mail waits for an answer, and needs a reminder still."""

    _inherit = "mail.catchall.delivery"

    attended = fields.Boolean(
        readonly=True,
        help="The email was answered, or somebody was reminded of it.",
    )
    unanswered = fields.Boolean(
        compute="_compute_unanswered",
        search="_search_unanswered",
        help="Somebody outside wrote it, and no user has replied on its document "
        "within the router's hours until a reminder. After 14 days it no longer "
        "counts.",
    )

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    def _compute_unanswered(self):
        found = self.search([("id", "in", self.ids), ("unanswered", "=", True)])
        for delivery in self:
            delivery.unanswered = delivery in found

    def _search_unanswered(self, operator, value):
        if operator != "in":
            return NotImplemented
        unanswered = self._waiting_domain() & Domain.custom(to_sql=self._unanswered_sql)
        return Domain.OR(unanswered if wanted else ~unanswered for wanted in value)

    # ------------------------------------------------------------
    # ANSWERS
    # ------------------------------------------------------------

    def _waiting_domain(self):
        """Return the domain of what is on a document for as long as the reminder of
        its router waits."""
        now = fields.Datetime.now()
        routers_sudo = self.env["mail.catchall.router"].sudo()
        waited = Domain.OR(
            Domain("router_id", "=", router.id)
            & Domain("create_date", "<=", now - timedelta(hours=router.remind_hours))
            for router in routers_sudo.search([("remind_hours", ">", 0)])
        )
        return (
            Domain("state", "=", "delivered")
            & Domain("create_date", ">", now - LOOKED_BACK)
            & waited
        )

    @api.model
    def _count_unanswered(self, scope, among, most):
        """Return how many of the last deliveries that may wait for an answer do, up to
        a number, and whether these were all of them.

        :param scope: domain of those that count
        :param among: how many are looked at
        :param most: how many are counted
        """
        waiting = scope & self._waiting_domain()
        last = self._search(waiting, limit=among + 1, order="create_date desc, id desc")
        names = ("message_id", "model", "res_id", "create_date")
        columns = [SQL.identifier(self._table, name) for name in names]
        ((waited, count),) = self.env.execute_query(
            SQL(
                """
                WITH last AS MATERIALIZED (%s)
                SELECT (SELECT count(*) FROM last),
                       (SELECT count(*)
                          FROM (SELECT FROM (SELECT * FROM last LIMIT %s) asked
                                 WHERE %s
                                 LIMIT %s) found)
                """,
                last.select(*columns),
                among,
                self._unanswered_sql(self, "asked", last),
                most,
            )
        )
        return count, waited <= among

    def _unanswered_sql(self, _model, alias, _query):
        """Return the condition that a person waits for an answer to a delivery."""
        for name in READ_HERE:
            self.env[name].flush_model()
        # Compiling it takes as long as running it; until the end of the transaction.
        self.env.cr.execute("SET LOCAL jit TO off")
        return SQL(
            """(EXISTS (
                    SELECT 1
                      FROM mail_catchall_message mail
                     WHERE mail.id = %(alias)s.message_id
                       AND mail.trace @> '[{"step": "automatic"}]' IS NOT TRUE
                       AND NOT EXISTS (
                            SELECT 1
                              FROM res_partner colleague
                              JOIN res_users person
                                ON person.partner_id = colleague.id
                               AND person.share IS NOT TRUE
                             WHERE colleague.email_normalized = mail.sender))
            AND NOT %(answered)s)""",
            alias=SQL.identifier(alias),
            answered=self._answered_sql(alias),
        )

    def _answered_sql(self, alias):
        """Return the condition that on a delivery's document a user has written to
        people since."""
        # Users and subtypes are few, and looked up once instead of for each message.
        # OFFSET 0 keeps the planner from joining all deliveries with all messages: each
        # document is looked up by its index, whatever the planner expects to find. The
        # newest messages come first: an answer is among the last ones of a document.
        return SQL(
            """EXISTS (
                    SELECT 1
                      FROM mail_message answer
                     WHERE answer.model = %(alias)s.model
                       AND answer.res_id = %(alias)s.res_id
                       AND answer.create_date > %(alias)s.create_date
                       AND answer.message_type
                           IN ('comment', 'email', 'email_outgoing')
                       AND answer.is_internal IS NOT TRUE
                       AND answer.author_id = ANY(ARRAY(
                            SELECT partner_id
                              FROM res_users
                             WHERE share IS NOT TRUE AND id != %(robot)s))
                       AND (answer.subtype_id = ANY(ARRAY(
                            SELECT id FROM mail_message_subtype WHERE internal)))
                           IS NOT TRUE
                    ORDER BY answer.id DESC
                    OFFSET 0)""",
            alias=SQL.identifier(alias),
            robot=SUPERUSER_ID,
        )
