from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import tagged

from ...models.route.batch import Batch
from ...tools.mail import headers, mime
from ...tools.runtime.memo import forget, memo, undoable_memo
from ..common import CommittingCommon, RouterCommon


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestTogether(RouterCommon):
    """Mails that are read together end as if each had been alone."""

    def series(self, tag, network):
        """Return mails of which each later one depends on earlier ones: an attack, a
        trap and a burst; and an ordinary mail."""
        self.router.trap_addresses = "hidden.person"
        unknown = [(f"qwx{number}zzkj", "robot", number) for number in range(13)]
        others = [("hidden.person", "trapped", 50), ("sales", "trapped", 51)]
        same = [("sales", "again", "same") for _number in range(13)]
        wanted = [*unknown, *others, *same, ("sales", "lan", 70), ("jobs", "lan", 71)]
        return [
            self.mail(
                self.at_domain(local_part),
                subject=f"Mail {subject} of {tag}",
                message_id=f"<{number}@{tag}.example>",
                email_from=f"{sender}@{tag}.example",
            ).replace(b"192.0.2.7", network if sender == "robot" else b"203.0.113.9")
            for number, (local_part, sender, subject) in enumerate(wanted)
        ]

    def ends(self, messages):
        return [(one.state, one.reason_code, one.reason_codes) for one in messages]

    def test_they_end_as_if_each_had_been_alone(self):
        alone = self.route(*self.series("alone", b"192.0.2.7"))
        together = self.journal(*self.series("together", b"198.51.100.7"))
        together._settle_together()
        self.assertEqual(self.ends(together), self.ends(alone))
        reasons = set(alone.mapped("reason_code"))
        self.assertEqual(reasons, {"attack", "trap", "trap_sender", "burst", False})
        self.assertEqual(len(self.env["mail.catchall.attack"].search([])), 2)

    def test_the_statements_do_not_grow_with_their_number(self):
        def queries(tag, count):
            messages = self.journal(
                *(
                    self.mail(
                        self.at_domain(f"qx{number}{tag}"),
                        message_id=f"<{number}@{tag}.example>",
                        email_from=f"c{number}@{tag}.example",
                    ).replace(b"192.0.2.7", b"10.%d.%d.1" % (count, number))
                    for number in range(count)
                )
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            messages._settle_together()
            self.assertEqual(set(messages.mapped("state")), {"held"})
            return self.env.cr.sql_log_count - before

        queries("first", 3)  # what is cached for good is asked once
        self.assertEqual(queries("many", 30), queries("few", 4))

    def test_who_writes_after_the_bounce_of_his_mail_can_be_written_to_again(self):
        partner = self.env["res.partner"].create(
            {"name": "Lan", "email": "lan@customer.example", "message_bounce": 3}
        )
        messages = self.journal(self.mail(self.at_domain("sales")))
        messages._settle_together()
        self.assertEqual(partner.message_bounce, 0)

    def test_a_user_is_recognised_whatever_another_router_s_mail_names(self):
        """A user's address that one mail names in To is that of a Bcc in another."""
        user = self.env["res.users"].create(
            {"name": "Minh", "login": "minh", "email": self.at_domain("minh")}
        )
        other = self.env["mail.catchall.router"].create(
            {
                "name": "Other",
                "company_id": self.company_2.id,
                "alias_domain_ids": self.mail_alias_domain_c2.ids,
            }
        )
        naming = self.mail(
            f"nobody@{self.mail_alias_domain_c2.name}",
            to=user.email,
            message_id="<naming@c.example>",
        )
        messages = self.Message._journal(other, [{"raw": naming}])
        messages += self.journal(self.mail(user.email, to="list@elsewhere.example"))
        self.router.unknown_policy = "discard"
        messages._settle_together()
        self.assertEnd(messages[1], "held", "unknown_recipient")
        self.assertFalse(messages[1].delivery_ids.unknown)

    def test_the_contact_that_one_makes_is_the_author_of_the_next(self):
        messages = self.journal(
            *(
                self.mail(self.at_domain("sales"), message_id=f"<{number}@c.example>")
                for number in range(2)
            )
        )
        Partner = self.env["res.partner"].with_context(catchall_routing=True)
        mails = messages._begin(Batch(together=True))
        sender = ["lan@customer.example"]
        [found] = Partner._find_or_create_from_emails(sender, no_create=True)
        self.assertFalse(found)
        for message, mail in mails.items():
            message._route_mail(mail)
        partner = self.assertDelivered(messages[0], self.at_domain("sales"))
        self.assertEqual(partner.email_normalized, *sender)
        posted = self.env["mail.message"].search([("message_id", "=", "<1@c.example>")])
        self.assertEqual(posted.author_id, partner)

    def test_a_contact_that_gets_the_address_is_known(self):
        Partner = self.env["res.partner"].with_context(catchall_routing=1)
        partner = self.env["res.partner"].create({"name": "Lan"})
        Partner._catchall_remember_strangers(["lan@customer.example"])
        partner.email = "lan@customer.example"
        found = Partner._find_or_create_from_emails([partner.email], no_create=True)
        self.assertEqual(found, [partner])

    def test_a_mail_is_parsed_once_for_all_who_ask_what_it_says(self):
        condition = {
            "field": "attachment_type",
            "operator": "equals",
            "value": "png",
        }
        self.env["mail.catchall.rule"].create(
            {
                "name": "Pictures",
                "router_id": self.router.id,
                "action": "hold",
                "condition_ids": [Command.create(condition)],
            }
        )
        # Programs and people write this subject: only the text tells them apart.
        raw = self.mail(self.at_domain("sales"), subject="Nghi phep")
        message = self.journal(raw)
        with patch.object(mime, "parse", side_effect=mime.parse) as parse:
            message._route()
        self.assertDelivered(message, self.at_domain("sales"))
        parse.assert_called_once()

    def test_what_core_has_changed_is_not_what_the_mail_says(self):
        message = self.journal(self.mail(self.at_domain("sales")))
        content = message._read_content()
        parsed = content.parsed
        self.assertIs(content.hand_over(), parsed)
        del parsed["Subject"]
        self.assertEqual(content.parsed["Subject"], "A question")

    def test_who_is_refused_is_answered_by_what_was_read(self):
        self.sales.alias_contact = "partners"
        message = self.journal(self.mail(self.at_domain("sales")))
        open_mail = headers.open_mail
        with patch.object(headers, "open_mail", side_effect=open_mail) as opened:
            message._route()
        self.assertEnd(message, "held", "alias_contact")
        opened.assert_called_once()

    def test_an_alias_made_meanwhile_gets_its_mail(self):
        message = self.journal(self.mail(self.at_domain("brandnew")))
        mails = message._begin(Batch(together=True))
        self._create_alias("brandnew")
        message._route_mail(mails[message])
        self.assertDelivered(message, self.at_domain("brandnew"))


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestMemo(CommittingCommon):
    """What is remembered ends with the transaction."""

    def test_nothing_is_remembered_after_a_commit(self):
        memo(self.env.cr, "test")["key"] = 1
        self.assertEqual(memo(self.env.cr, "test"), {"key": 1})
        self.env["ir.cron"]._commit_progress()
        self.assertEqual(memo(self.env.cr, "test"), {})

    def test_what_a_savepoint_undoes_is_not_remembered(self):
        for is_undone in (True, False):
            with self.subTest(is_undone=is_undone):
                savepoint = self.env.cr.savepoint()
                known = undoable_memo(self.env.cr, "test")
                known["key"] = 1
                self.assertIs(undoable_memo(self.env.cr, "test"), known)
                savepoint.close(rollback=is_undone)
                self.assertEqual(
                    "key" in undoable_memo(self.env.cr, "test"), not is_undone
                )
        self.env["ir.cron"]._commit_progress()
        self.assertEqual(undoable_memo(self.env.cr, "test"), {})

    def test_what_was_undone_can_be_forgotten(self):
        memo(self.env.cr, "test")["key"] = 1
        forget(self.env.cr)
        self.assertEqual(memo(self.env.cr, "test"), {})

    def test_the_mail_queue_is_woken_by_each_transaction(self):
        trigger = self.env["ir.cron.trigger"].search
        job = self.env.ref("mail.ir_cron_mail_scheduler_action")
        before = len(trigger([("cron_id", "=", job.id)]))
        for _transaction in range(2):
            self.env["mail.mail"]._catchall_wake_queue()
            self.env["mail.mail"]._catchall_wake_queue()
            self.env["ir.cron"]._commit_progress()
        self.assertEqual(len(trigger([("cron_id", "=", job.id)])), before + 2)
