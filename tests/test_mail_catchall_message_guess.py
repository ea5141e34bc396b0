from odoo.tests import tagged

from .common import RouterCommon


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestGuess(RouterCommon):
    """An address that nearly names one of ours."""

    def setUp(self):
        super().setUp()
        self.myname = self._create_alias("myname")

    def test_the_one_near_miss_is_delivered_and_marked(self):
        message = self.route(self.mail(self.at_domain("miname")))
        self.assertEnd(message, "delivered")
        partner = self.assertDelivered(message, self.at_domain("miname"))
        self.assertEqual(message.delivery_ids.matched_by, "guess")
        self.assertEqual(message.delivery_ids.alias_id, self.myname)
        notes = partner.message_ids.mapped("body")
        self.assertTrue(any(self.at_domain("miname") in note for note in notes))
        self.assertIn(self.at_domain("myname"), message.why)

    def test_slips_of_every_kind_are_seen(self):
        for written in ("mynmae", "my.name", "mynane", "mynam", "mynamee", "mỹname"):
            with self.subTest(written=written):
                raw = self.mail(
                    self.at_domain(written),
                    message_id=f"<{len(written)}@{hash(written)}.x>",
                )
                message = self.route(raw)
                self.assertEqual(message.delivery_ids.alias_id, self.myname)

    def test_several_near_misses_are_held_and_named(self):
        self._create_alias("mynamo")
        message = self.route(self.mail(self.at_domain("mynam")))
        self.assertEnd(message, "held", "unknown_recipient")
        for name in ("myname", "mynamo"):
            self.assertIn(self.at_domain(name), message.why)

    def test_a_user_that_was_meant_is_named(self):
        self.user_employee.email = self.at_domain("thuyduong")
        message = self.route(self.mail(self.at_domain("thuyduon")))
        self.assertEnd(message, "held", "unknown_recipient")
        self.assertIn(self.at_domain("thuyduong"), message.why)

    def test_the_router_may_hold_instead(self):
        self.router.guess_policy = "hold"
        message = self.route(self.mail(self.at_domain("miname")))
        self.assertEnd(message, "held", "unknown_recipient")
        self.assertIn(self.at_domain("myname"), message.why)

    def test_what_is_far_off_is_no_near_miss(self):
        message = self.route(self.mail(self.at_domain("somebody-else")))
        self.assertEnd(message, "held", "unknown_recipient")

    def test_a_renamed_alias_is_found_by_its_new_name(self):
        self.myname.alias_name = "reception"
        message = self.route(self.mail(self.at_domain("receptoin")))
        self.assertEqual(message.delivery_ids.alias_id, self.myname)
