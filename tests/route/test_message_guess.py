from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..common import CommittingCommon, RouterCommon


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestGuess(RouterCommon):
    """An address that nearly names one of ours."""

    def setUp(self):
        super().setUp()
        self.myname = self._create_alias("myname")

    def test_an_address_with_a_detail_is_held_with_the_one_before_it(self):
        self._create_alias("fairs")
        for number, name in enumerate(("fairs-hanoi", "fairs=hanoi", "fairs.hanoi")):
            message_id = f"<detail.{number}@customer.example>"
            message = self.route(self.mail(self.at_domain(name), message_id=message_id))
            self.assertEnd(message, "held", "unknown_recipient")
            self.assertEqual(
                message.candidate_ids.mapped("address"), [self.at_domain("fairs")]
            )

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
        self.assertIn("read as an email to you", queued.body_html)

    def test_only_internal_users_are_found_by_their_newest_address(self):
        Users = self.env["res.users"]
        self.user_employee.email = self.at_domain("thuyduong")
        self.assertEqual(Users._catchall_find_alike(["thuyduon"]), self.user_employee)
        self.user_employee.email = self.at_domain("reception")
        self.assertFalse(Users._catchall_find_alike(["thuyduon"]))
        self.assertEqual(Users._catchall_find_alike(["receptoin"]), self.user_employee)
        self.user_employee.active = False
        self.assertFalse(Users._catchall_find_alike(["receptoin"]))
        self.user_portal = self._create_portal_user()
        self.user_portal.email = self.at_domain("khachhang")
        self.assertFalse(Users._catchall_find_alike(["khachhan"]))

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


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestSpeed(RouterCommon):
    """Looking an address up does not take longer the more there are."""

    def plan(self, work):
        """Return PostgreSQL's plans of the queries that a function makes."""
        queries = []
        execute = type(self.env.cr).execute

        def explained(cursor, query, params=None, log_exceptions=True):
            code = getattr(query, "code", query)
            if code.lstrip().startswith("SELECT"):
                queries.append((query, params))
            return execute(cursor, query, params, log_exceptions)

        with patch.object(type(self.env.cr), "execute", explained):
            work()
        plans = []
        for query, params in queries:
            code, values = getattr(query, "code", query), params
            if hasattr(query, "params"):
                values = query.params
            self.env.cr.execute(f"EXPLAIN {code}", values)
            plans.extend(row[0] for row in self.env.cr.fetchall())
        return "\n".join(plans)

    def test_no_look_up_reads_a_whole_table(self):
        self.multiply(
            self._create_alias("filler"),
            20000,
            alias_name="'filler' || n",
            catchall_keys="'k' || n || ' l' || n || ' m' || n",
        )
        filler = self.env["res.partner"].create({"name": "filler"})
        address = "'filler' || n || '@customer.example'"
        self.multiply(filler, 20000, email_normalized=address)
        # What autovacuum does by itself.
        self.env.cr.execute(
            """
            SELECT gin_clean_pending_list('mail_alias_catchall_keys_idx');
            ANALYZE mail_alias;
            ANALYZE res_partner;
            """
        )
        message = self.route(self.mail(self.at_domain("nobody-here")))
        mail = message._read_mail()
        self.env.flush_all()
        plan = self.plan(
            lambda: (
                self.env["mail.alias"]._catchall_find_alike(
                    ["nobody-her"], self.mail_alias_domain
                ),
                mail.is_known_contact("lan@customer.example"),
            )
        )
        for index in ("catchall_keys_idx", "catchall_email_idx"):
            self.assertIn(index, plan)
        self.assertNotIn("Seq Scan", plan)
