from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger, sql

from odoo.addons.mail_catchall_router import hooks
from odoo.addons.mail_catchall_router.models.route.mail_thread import GATEWAY_GROUP

from ..common import RouterCommon


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestKeep(RouterCommon):
    """How long mail is kept, and what is left when it is forgotten."""

    def age(self, message, days):
        message.routed_date = fields.Datetime.now() - timedelta(days=days)

    def test_raw_mail_is_dropped_when_it_was_kept_long_enough(self):
        delivered = self.route(self.mail(self.at_domain("sales")))
        held = self.route(
            self.mail(self.at_domain("nobody"), message_id="<held@customer.example>")
        )
        ignored = self.route(self.mail(self.at_domain("sales")))
        for message in delivered + held + ignored:
            self.age(message, 8)
        self.Message._gc_raw()
        self.assertEqual(
            (delivered + held + ignored).mapped("raw_kept"), [True, True, False]
        )
        self.age(delivered, 31)
        self.age(held, 91)
        self.Message._gc_raw()
        self.assertFalse(any((delivered + held).mapped("raw_kept")))
        self.assertFalse(held._raw_bytes())
        self.assertEqual(delivered.subject, "A question")

    def test_waiting_mail_is_never_dropped(self):
        message = self.journal(self.mail(self.at_domain("sales")))
        self.age(message, 1000)
        self.Message._gc_raw()
        self.assertTrue(message.raw_kept)

    def test_disk_use_is_shown(self):
        self.journal(self.mail(self.at_domain("sales"), body="x" * 3_000_000))
        # As long as the journal is small, whatever other tests had in it.
        with patch.object(type(self.router), "_sized_share", lambda _self: 1):
            size = self.router.kept_size
        self.assertAlmostEqual(size, 3_000_000 / 1024**2, places=1)

    def test_disk_use_of_a_large_journal_is_told_from_some_of_its_pages(self):
        mails = [
            self.mail(self.at_domain("sales"), message_id=f"<{number}@x>")
            for number in range(400)
        ]
        self.journal(*mails)
        size = sum(map(len, mails)) / 1024**2
        seen = set()
        with patch.object(type(self.router), "_sized_share", lambda _self: 0.5):
            for _opening in range(9):
                self.router.invalidate_recordset(["kept_size"])
                seen.add(self.router.kept_size)
        # Half of the pages, for all of them; which ones is chance, but once for all.
        [found] = seen
        self.assertGreater(found, size * 0.2)
        self.assertLess(found, size * 2.01)

    def test_what_was_dropped_cannot_be_routed_again(self):
        held = self.route(self.mail(self.at_domain("nobody")))
        self.age(held, 91)
        self.Message._gc_raw()
        with self.assertRaises(UserError):
            held._revive()

    def test_mail_of_an_address_is_erased_and_still_not_doubled(self):
        raw = self.mail(self.at_domain("sales"))
        message = self.route(raw)
        waiting = self.journal(
            self.mail(self.at_domain("jobs"), message_id="<other@customer.example>")
        )
        wizard = self.env["mail.catchall.erase"].create(
            {"address": "Lan <LAN@customer.example>"}
        )
        self.assertEqual(wizard.message_count, 2)
        wizard.action_erase()
        self.assertEqual(waiting.state, "ignored")
        self.assertEqual(waiting.reason_code, "erased")
        for field in ("email_from", "subject", "sender", "message_id", "trace"):
            self.assertFalse(any((message + waiting).mapped(field)), field)
        self.assertFalse(message._raw_bytes())
        again = self.route(raw)
        self.assertEqual((again.state, again.reason_code), ("ignored", "duplicate"))

    def test_an_address_without_mail_is_said_so(self):
        wizard = self.env["mail.catchall.erase"].create({"address": "x@y.example"})
        with self.assertRaises(UserError):
            wizard.action_erase()

    def test_what_colleagues_say_of_an_erased_mail_goes_with_it(self):
        message = self.route(self.mail(self.at_domain("nobody")))
        note = message.message_post(body="Lan asks for her invoice")
        activity = message.activity_schedule(summary="Call Lan")
        message._erase()
        self.assertFalse((note | message.message_ids).exists())
        self.assertFalse(activity.exists())

    def test_users_may_not_erase(self):
        self.route(self.mail(self.at_domain("sales")))
        user = new_test_user(
            self.env,
            login="reader",
            groups="mail_catchall_router.group_mail_catchall_router_user",
        )
        with self.assertRaises(AccessError):
            self.env["mail.catchall.erase"].with_user(user).create(
                {"address": "lan@customer.example"}
            )


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestEntrances(RouterCommon):
    """Every way in leads through the journal."""

    def test_the_pipe_journals_mail_for_served_domains(self):
        raw = self.mail(self.at_domain("sales"))
        result = self.env["mail.thread"].message_process(False, raw)
        message = self.Message.search([], limit=1)
        self.assertFalse(result)
        self.assertEqual(message.entrance, "pipe")
        self.assertEqual(message._raw_bytes(), raw)
        message._route()
        self.assertDelivered(message, self.at_domain("sales"))

    def test_only_a_gateway_hands_over_mail(self):
        """Whoever may call it could write in anybody's name."""
        raw = self.mail(self.at_domain("sales"))
        portal = self._create_portal_user()
        plain = self.user_employee
        gateway = new_test_user(
            self.env, "gateway", groups="base.group_portal," + GATEWAY_GROUP
        )
        before = self.Message.search_count([])
        for user in (portal, plain):
            for values in (
                {},
                {"thread_id": user.partner_id.id},
                {"context": {"default_fetchmail_server_id": self.server.id}},
            ):
                thread = self.env["mail.thread"].with_user(user)
                thread = thread.with_context(**values.pop("context", {}))
                with (
                    self.subTest(user=user.login, values=values),
                    self.assertRaises(AccessError),
                ):
                    thread.message_process("res.partner", raw, **values)
        self.assertEqual(self.Message.search_count([]), before)
        self.env["mail.thread"].with_user(gateway).message_process(False, raw)
        self.assertEqual(self.Message.search_count([]), before + 1)

    def test_nobody_from_outside_hands_over_mail_for_others(self):
        raw = self.mail(to="info@elsewhere.example")
        portal = self._create_portal_user()
        with self.assertRaises(AccessError):
            self.env["mail.thread"].with_user(portal).message_process(False, raw)

    def test_what_is_too_large_is_refused_before_it_is_stored(self):
        self.router.max_size = 1
        raw = self.mail(self.at_domain("sales"), body="x" * (1024 * 1024 + 1))
        before = self.Message.search_count([])
        with self.assertRaises(UserError):
            self.env["mail.thread"].message_process(False, raw)
        self.assertEqual(self.Message.search_count([]), before)

    def test_a_mail_that_no_server_has_received_proves_nothing(self):
        """Its trace and its checks are written by whoever handed it over."""
        raw = (
            f"X-Original-To: {self.at_domain('jobs')}\r\n"
            f"Authentication-Results: mx.{self.domain}; dmarc=pass "
            f"header.from={self.domain}\r\n"
            f"From: boss@{self.domain}\r\n"
            f"To: {self.at_domain('sales')}\r\n"
            "Subject: Pay\r\nMessage-ID: <pay@customer.example>\r\n\r\nNow\r\n"
        ).encode()
        self.env["mail.thread"].message_process(False, raw)
        message = self.Message.search([], limit=1)
        mail = message._read_mail()
        self.assertFalse(mail.recipients.original_known)
        self.assertEqual(
            [one.address for one in mail.recipients.must_settle],
            [self.at_domain("sales")],
        )
        self.assertNotIn("pass", str(mail.trace))
        self.assertTrue(mail.is_outsider)

    def test_the_pipe_leaves_other_domains_to_core(self):
        self.env["mail.alias"].create(
            {
                "alias_name": "info",
                "alias_domain_id": self.mail_alias_domain_c2.id,
                "alias_model_id": self.env["ir.model"]._get_id("res.partner"),
            }
        )
        raw = self.mail(to=f"info@{self.mail_alias_domain_c2.name}")
        before = self.Message.search_count([])
        self.assertTrue(self.env["mail.thread"].message_process(False, raw))
        self.assertEqual(self.Message.search_count([]), before)

    def test_files_are_imported_once(self):
        raw = self.mail(self.at_domain("sales"))
        attachments = self.env["ir.attachment"].create(
            [{"name": name, "raw": raw} for name in ("one.eml", "two.eml")]
        )
        wizard = self.env["mail.catchall.import"].create(
            {"router_id": self.router.id, "attachment_ids": attachments.ids}
        )
        action = wizard.action_import()
        messages = self.Message.search(action["domain"], order="id")
        self.assertEqual(messages.mapped("entrance"), ["import", "import"])
        for message in messages:
            message._route()
        self.assertEqual(messages.mapped("state"), ["delivered", "ignored"])

    def test_a_file_without_mail_is_refused(self):
        attachment = self.env["ir.attachment"].create({"name": "a", "raw": b"\x00\x01"})
        wizard = self.env["mail.catchall.import"].create(
            {"router_id": self.router.id, "attachment_ids": attachment.ids}
        )
        with self.assertRaises(UserError):
            wizard.action_import()

    def test_a_mail_larger_than_the_limit_is_held_whole(self):
        self.router.max_size = 1
        message = self.journal(self.mail(self.at_domain("sales"), body="x" * 1_100_000))
        self.assertEqual((message.state, message.reason_code), ("held", "too_large"))
        self.assertTrue(message._raw_bytes())
        self.assertIn("larger", message.reason)

    @mute_logger("odoo.addons.mail_catchall_router.models.route.mail_thread")
    def test_mail_that_core_cannot_read_is_delivered_with_the_original(self):
        raw = self.mail(self.at_domain("sales"), body="Can be read\r\n")
        message = self.journal(raw)
        parse = type(self.env["mail.thread"]).message_parse

        def message_parse(thread, email_message, save_original=False):
            if not email_message.is_multipart():
                raise ValueError("unreadable")
            return parse(thread, email_message, save_original)

        self.patch(type(self.env["mail.thread"]), "message_parse", message_parse)
        message._route()
        partner = self.assertDelivered(message, self.at_domain("sales"))
        post = partner.message_ids[:1]
        self.assertIn("could not read this email completely", post.body)
        self.assertIn("Can be read", post.body)
        self.assertEqual(post.attachment_ids.raw, raw)

    def test_mail_with_nothing_in_it_has_an_end(self):
        for raw in (b"", b"\0", b"garbage", b"From: \xff\r\n\r\n\0"):
            with self.subTest(raw=raw):
                message = self.route(raw)
                self.assertEnd(message, "held", "no_recipient")
                self.assertTrue(message.message_id)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestUninstall(RouterCommon):
    """The mailboxes go back to core with nothing left behind."""

    def test_it_is_refused_while_mail_waits(self):
        self.route(self.mail(self.at_domain("nobody")))
        with self.assertRaisesRegex(UserError, "lost with the Mail Router: 1\\."):
            hooks.uninstall_hook(self.env)

    def test_it_is_free_when_all_mail_has_an_end(self):
        self.route(self.mail(self.at_domain("sales")))
        self.Message.search([("state", "not in", ("delivered", "ignored"))])._erase()
        hooks.uninstall_hook(self.env)

    def test_no_index_is_left_on_the_tables_of_others(self):
        indexes = [
            model._catchall_index_name(kind)
            for model in self.env["mail.thread.blacklist"]._catchall_models()
            for kind in ("bounced", "address")
            if (model._name, kind) != ("res.partner", "address")
        ]
        self.Message.search([("state", "not in", ("delivered", "ignored"))])._erase()
        self.assertIn("res_partner__catchall_bounced_index", indexes)
        for index in indexes:
            self.assertTrue(sql.index_exists(self.env.cr, index), index)
        hooks.uninstall_hook(self.env)
        for index in indexes:
            self.assertFalse(sql.index_exists(self.env.cr, index), index)
