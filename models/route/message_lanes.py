from itertools import count, islice

from odoo import api, models
from odoo.exceptions import ValidationError

CODE = "model._cron_route()"
MODULE = "mail_catchall_router"
MOST_LANES = 16


class MailCatchallMessage(models.Model):
    """The routing lanes: scheduled actions that all do the same, side by side.

    Each takes what no other has claimed. Odoo's own workers run them, on as many
    hosts as share the database.
    """

    _inherit = "mail.catchall.message"

    @api.model
    def _trigger_routing(self):
        """Wake the routing lanes once this transaction is committed."""
        for lane in self._lanes():
            lane._trigger()

    @api.model
    def _lanes(self, archived=False):
        """Return the ``ir.cron`` records that route, in the order of their making.

        :param archived: whether to answer those that are archived, too
        """
        model_id = self.env["ir.model"]._get_id("mail.catchall.message")
        # Saving the settings looks for archived records, too.
        crons = self.env["ir.cron"].sudo().with_context(active_test=not archived)
        domain = [("model_id", "=", model_id), ("code", "=", CODE)]
        return crons.search(domain, order="id")

    @api.model
    def _set_lanes(self, number):
        """Route in this many lanes from now on; lanes beyond are archived.

        :param number: 1 to :data:`MOST_LANES`
        :raises ValidationError: for another number
        """
        if not 1 <= number <= MOST_LANES:
            raise ValidationError(
                self.env._(
                    "There can be 1 to %(most)s routing lanes, not %(number)s.",
                    most=MOST_LANES,
                    number=number,
                )
            )
        lanes = self._lanes(archived=True)
        wanted, others = lanes[:number], lanes[number:]
        # A lane that is running cannot be written: those that stay are left alone.
        wanted.filtered(lambda lane: not lane.active).active = True
        others.filtered("active").active = False
        for free in islice(self._free_lane_numbers(), number - len(wanted)):
            self._make_lane(free)

    @api.model
    def _free_lane_numbers(self):
        """Return the numbers that no lane has, ascending."""
        return (
            number
            for number in count(2)
            if not self.env.ref(self._lane_xml_id(number), raise_if_not_found=False)
        )

    @api.model
    def _lane_xml_id(self, number):
        return f"{MODULE}.ir_cron_route_{number}"

    @api.model
    def _make_lane(self, number):
        """Make one more lane. As the addon's own record it goes with the addon, and
        an update leaves it alone."""
        lane = self.env["ir.cron"].sudo().create(self._prepare_lane_values(number))
        self.env["ir.model.data"]._update_xmlids(
            [{"xml_id": self._lane_xml_id(number), "record": lane, "noupdate": True}]
        )

    @api.model
    def _prepare_lane_values(self, number):
        first = self.env.ref(f"{MODULE}.ir_cron_route").sudo()
        return {
            "name": f"Mail Router: route received mail (lane {number})",
            "model_id": first.model_id.id,
            "state": "code",
            "code": CODE,
            "user_id": first.user_id.id,
            "interval_number": first.interval_number,
            "interval_type": first.interval_type,
            "priority": first.priority,
        }
