from odoo import api, fields, models


class MailCatchallProblem(models.Model):
    """A problem of a router that people were told of, so that they are told once a
    day at most, and that it is over."""

    _name = "mail.catchall.problem"
    _description = "Problem of a Mail Router"
    _order = "id desc"
    _rec_name = "item"

    router_id = fields.Many2one(
        "mail.catchall.router",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    item = fields.Char(required=True, readonly=True)
    lasts = fields.Boolean(default=True, readonly=True)
    began = fields.Datetime(required=True, readonly=True)
    told = fields.Datetime("Last Told By Mail", required=True, readonly=True)

    _item_uniq = models.Constraint(
        "UNIQUE(router_id, item)", "This problem is already in the list."
    )

    @api.model
    def _keep(self, router, item, is_loud):
        """Keep that people were told of a problem now."""
        now = fields.Datetime.now()
        known = router.problem_ids.filtered(lambda one: one.item == item)
        if not known:
            self.create(
                {"router_id": router.id, "item": item, "began": now, "told": now}
            )
            return
        values = {} if known.lasts else {"lasts": True, "began": now}
        if is_loud:
            values["told"] = now
        known.write(values)
