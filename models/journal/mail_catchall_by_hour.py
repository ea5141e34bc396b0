from odoo import api, fields, models
from odoo.tools import SQL


class MailCatchallByHour(models.AbstractModel):
    """What is counted by the hour of the day, in the time zone of who looks at it."""

    _name = "mail.catchall.by.hour"
    _description = "Hour of the Day"

    _hour_of = "create_date"  # the datetime whose hour it is

    hour = fields.Integer(
        "Hour of the Day",
        compute="_compute_hour",
        search="_search_hour",
        aggregator=None,
        help="In your time zone.",
    )

    @api.depends(lambda self: (self._hour_of,))
    @api.depends_context("tz")
    def _compute_hour(self):
        for record in self:
            moment = record[self._hour_of]
            record.hour = (
                fields.Datetime.context_timestamp(record, moment).hour
                if moment
                else False
            )

    def init(self):
        """Let the database tidy the table when a fiftieth of its rows is outdated, not
        a fifth of them: only of what is tidy an index alone tells how many there are,
        and what people look at is the newest."""
        super().init()
        if self._abstract:
            return
        self.env.cr.execute(
            SQL(
                "ALTER TABLE %s SET (autovacuum_vacuum_scale_factor = 0.02)",
                SQL.identifier(self._table),
            )
        )

    def _search_hour(self, operator, value):
        return [(f"{self._hour_of}.hour_number", operator, value)]

    def _field_to_sql(self, alias, field_expr, query=None):
        """Let reports group by the hour, which no column can hold: it differs from
        reader to reader."""
        if field_expr != "hour":
            return super()._field_to_sql(alias, field_expr, query)
        moment = super()._field_to_sql(alias, self._hour_of, query)
        number = self._fields[self._hour_of].property_to_sql(
            moment, "hour_number", self, alias, query
        )
        return SQL("(%s)::integer", number)
