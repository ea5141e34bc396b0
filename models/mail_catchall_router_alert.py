from odoo import fields, models


class MailCatchallRouter(models.Model):
    """Alerts: who is told when something needs a person."""

    _inherit = "mail.catchall.router"

    alert_user_ids = fields.Many2many(
        "res.users",
        string="Who Is Told",
        help="These users get an activity when something needs a person. Empty: the "
        "administrators of the mail router.",
    )

    def _alert(self, summary, note):
        """Give who is to be told an activity, unless they have this one still.

        :param summary: str, one short line; the same problem has the same summary
        :param note: str or Markup, what happened and what to do
        """
        self.ensure_one()
        told = self.activity_ids.filtered(lambda one: one.summary == summary).user_id
        for user in self._alert_users() - told:
            self.activity_schedule(
                "mail.mail_activity_data_warning",
                summary=summary,
                note=note,
                user_id=user.id,
            )

    def _alert_users(self):
        if self.alert_user_ids:
            return self.alert_user_ids
        group = self.env.ref("mail_catchall_router.group_mail_catchall_router_manager")
        return group.sudo().all_user_ids.filtered(
            lambda user: user.active and self.company_id in user.company_ids
        )
