from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import CommittingCommon, RouterCommon


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

    def test_the_one_user_that_was_meant_gets_it_in_the_own_mailbox(self):
        self.user_employee.email = self.at_domain("thuyduong")
        message = self.route(self.mail(self.at_domain("thuyduon")))
        self.assertEnd(message, "ignored", "forwarded")
        self.assertEqual(message.delivery_ids.matched_by, "guess")
        self.assertEqual(message.delivery_ids.forward_to, self.at_domain("thuyduong"))
        queued = self.env["mail.mail"].search([], order="id desc", limit=1)
        self.assertEqual(queued.email_to, self.at_domain("thuyduong"))
        self.assertIn("taken for you", queued.body_html)

    def test_only_internal_users_are_found_by_their_newest_address(self):
        Users = self.env["res.users"]
        self.user_employee.email = self.at_domain("thuyduong")
        self.assertEqual(Users._catchall_find_alike("thuyduon"), self.user_employee)
        self.user_employee.email = self.at_domain("reception")
        self.assertFalse(Users._catchall_find_alike("thuyduon"))
        self.assertEqual(Users._catchall_find_alike("receptoin"), self.user_employee)
        self.user_employee.active = False
        self.assertFalse(Users._catchall_find_alike("receptoin"))
        self.user_portal = self._create_portal_user()
        self.user_portal.email = self.at_domain("khachhang")
        self.assertFalse(Users._catchall_find_alike("khachhan"))

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


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestCandidates(RouterCommon):
    """What may have been meant is a click away."""

    def setUp(self):
        super().setUp()
        self.names = self._create_alias("myname"), self._create_alias("mynamo")
        self.user_employee.email = self.at_domain("mynami")
        self.message = self.route(self.mail(self.at_domain("mynam")))

    def candidate(self, name):
        return self.message.candidate_ids.filtered(
            lambda one: one.address == self.at_domain(name)
        )

    def test_each_is_offered_with_its_difference(self):
        self.assertEnd(self.message, "held", "unknown_recipient")
        self.assertEqual(
            set(self.message.candidate_ids.mapped("address")),
            set(map(self.at_domain, ("myname", "mynamo", "mynami"))),
        )
        self.assertEqual(set(self.message.candidate_ids.mapped("kind")), {"edit"})

    def test_a_second_look_offers_each_once(self):
        self.message._revive()
        self.message._route()
        self.assertEqual(len(self.message.candidate_ids), 3)

    def test_one_of_other_rights_cannot_choose(self):
        with self.assertRaises(AccessError):
            self.candidate("myname").with_user(self.user_employee).action_choose()

    def test_a_release_takes_the_offers_away_with_the_mail(self):
        self.message._erase()
        self.assertFalse(self.message.candidate_ids)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestChoice(CommittingCommon):
    """A person chooses among the candidates."""

    def offered(self):
        env = self.env
        for name in ("myname", "mynamo"):
            env["mail.alias"].create(
                {
                    "alias_name": name,
                    "alias_domain_id": self.mail_alias_domain.id,
                    "alias_model_id": env["ir.model"]._get_id("res.partner"),
                }
            )
        self.user_employee.with_env(env).email = self.at_domain("mynami")
        message = self.journal(self.mail(self.at_domain("mynam")))
        message._route()
        return message, {one.address: one for one in message.candidate_ids}

    def test_a_chosen_alias_gets_the_mail(self):
        message, offered = self.offered()
        offered[self.at_domain("mynamo")].action_choose()
        self.assertEnd(message, "delivered")
        self.assertDelivered(message, self.at_domain("mynam"))
        self.assertEqual(message.delivery_ids.matched_by, "person")
        self.assertEqual(message.delivery_ids.alias_id.alias_name, "mynamo")
        self.assertIn(self.at_domain("mynamo"), message.why)

    def test_a_chosen_user_gets_the_mail_forwarded(self):
        message, offered = self.offered()
        offered[self.at_domain("mynami")].action_choose()
        self.assertEnd(message, "ignored", "forwarded")
        queued = self.env["mail.mail"].search([], order="id desc", limit=1)
        self.assertEqual(queued.email_to, self.at_domain("mynami"))
