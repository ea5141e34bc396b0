from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from ..common import RouterCommon


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestLanes(RouterCommon):
    """How many mails are routed side by side."""

    def lanes(self):
        return self.Message._lanes()

    def all_lanes(self):
        return self.Message._lanes(archived=True)

    def test_there_are_two_lanes_at_first(self):
        first = self.env.ref("mail_catchall_router.ir_cron_route")
        second = self.env.ref("mail_catchall_router.ir_cron_route_2")
        self.assertEqual(self.lanes(), first + second)

    def test_more_lanes_do_what_the_first_does(self):
        self.Message._set_lanes(5)
        self.assertEqual(len(self.lanes()), 5)
        for name in ("code", "model_id", "user_id", "interval_number", "priority"):
            self.assertEqual(len(set(self.lanes().mapped(name))), 1, name)
        self.assertEqual(len(set(self.lanes().mapped("name"))), 5)

    def test_fewer_lanes_are_archived_and_come_back(self):
        self.Message._set_lanes(4)
        lanes = self.lanes()
        self.Message._set_lanes(1)
        self.assertEqual(
            self.lanes(), self.env.ref("mail_catchall_router.ir_cron_route")
        )
        self.assertEqual(self.all_lanes(), lanes)
        self.Message._set_lanes(4)
        self.assertEqual(self.lanes(), lanes)

    def test_a_deleted_lane_is_made_anew(self):
        self.Message._set_lanes(4)
        self.env.ref("mail_catchall_router.ir_cron_route_3").unlink()
        self.Message._set_lanes(6)
        self.assertEqual(len(self.lanes()), 6)

    def test_new_mail_wakes_every_lane(self):
        self.Message._set_lanes(3)
        triggers = self.env["ir.cron.trigger"].search([])
        self.Message._trigger_routing()
        new = self.env["ir.cron.trigger"].search([]) - triggers
        self.assertEqual(new.cron_id, self.lanes())

    def test_the_number_of_lanes_has_bounds(self):
        for number in (0, -1, 17):
            with self.assertRaises(ValidationError):
                self.Message._set_lanes(number)

    def test_lanes_belong_to_the_addon_and_go_with_it(self):
        self.Message._set_lanes(3)
        data = self.env["ir.model.data"].search(
            [("model", "=", "ir.cron"), ("res_id", "in", self.lanes().ids)]
        )
        self.assertEqual(set(data.mapped("module")), {"mail_catchall_router"})
        self.assertEqual(len(data), 3)
        # An update of the addon removes what its files don't name, unless this is set.
        self.assertTrue(all(data.mapped("noupdate")))

    def test_the_settings_say_how_many_lanes_there_are(self):
        self.Message._set_lanes(3)
        with Form(self.env["res.config.settings"]) as settings:
            self.assertEqual(settings.catchall_lanes, 3)
            settings.catchall_lanes = 6
        settings.record.execute()
        self.assertEqual(len(self.lanes()), 6)

    def test_settings_that_say_nothing_about_lanes_change_none(self):
        # As in a copy of a database in which no scheduled action is active.
        self.all_lanes().active = False
        self.env["res.config.settings"].create({}).execute()
        self.assertFalse(self.lanes())
