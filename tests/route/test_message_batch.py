from contextlib import contextmanager
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.mail_catchall_router.models.route.message_batch import TOGETHER

from ..common import CommittingCommon

BATCH_LOGGER = "odoo.addons.mail_catchall_router.models.route.message_batch"
QUEUE_LOGGER = "odoo.addons.mail_catchall_router.models.route.message_queue"


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestBatch(CommittingCommon):
    """Several messages in one transaction, as long as nothing goes wrong."""

    def three(self, **values):
        return self.journal(
            *(
                self.mail(
                    self.at_domain("sales"),
                    subject=f"Mail {number}",
                    message_id=f"<{number}@customer.example>",
                    **values,
                )
                for number in range(3)
            )
        )

    def batches(self, messages):
        """Return the ids of the messages in each of their batches."""
        found = []
        while messages:
            batch = messages._next_batch()
            found.append(batch.ids)
            messages -= batch
        return found

    def test_how_many_go_together_is_kept_from_claim_to_claim(self):
        next_batch, asked = type(self.Message)._next_batch, []

        def _next_batch(messages, most):
            asked.append(most)
            return next_batch(messages, most)

        self.three()
        with (
            patch.object(type(self.Message), "_most_together", lambda *_args: 7),
            patch.object(type(self.Message), "_next_batch", _next_batch),
        ):
            self.Message._cron_route(batch_size=1)
        self.assertEqual(asked, [TOGETHER, 7, 7])

    @contextmanager
    def routing(self, works):
        """Call ``works`` before each message is routed; yield the list of how many
        commits there were before each."""
        route_mail = type(self.Message)._route_mail
        commit_progress = type(self.env["ir.cron"])._commit_progress
        commits, before = [], []

        def _route_mail(message, mail):
            works(message)
            before.append(len(commits))
            return route_mail(message, mail)

        def _commit_progress(cron, *args, **kwargs):
            commits.append(True)
            return commit_progress(cron, *args, **kwargs)

        with (
            patch.object(type(self.Message), "_route_mail", _route_mail),
            patch.object(
                type(self.env["ir.cron"]), "_commit_progress", _commit_progress
            ),
        ):
            yield before

    def test_messages_that_are_tried_for_the_first_time_share_a_transaction(self):
        messages = self.three()
        with self.routing(lambda message: None) as commits:
            self.Message._cron_route()
        self.assertEqual(messages.mapped("state"), ["delivered"] * 3)
        self.assertEqual(len(commits), 3)
        self.assertEqual(len(set(commits)), 1)
        self.assertEqual(messages.mapped("attempt_count"), [1] * 3)
        self.assertEqual(messages.mapped("crash_count"), [0] * 3)

    @mute_logger(QUEUE_LOGGER, BATCH_LOGGER)
    def test_one_bad_mail_costs_the_others_nothing(self):
        messages = self.three()

        def works(message):
            if message == messages[1]:
                raise ValueError("no such thing")

        with self.routing(works):
            self.Message._cron_route()
        self.assertEqual(messages.mapped("state"), ["delivered", "failed", "delivered"])
        self.assertEqual(messages.mapped("attempt_count"), [1] * 3)
        self.assertEqual(messages.mapped("crash_count"), [0] * 3)
        self.assertEqual(len(set(messages.delivery_ids.mapped("res_id"))), 2)

    @mute_logger(QUEUE_LOGGER, BATCH_LOGGER)
    def test_what_was_tried_before_is_tried_by_itself(self):
        messages = self.three()
        messages[1].attempt_count = 1
        self.assertEqual(self.batches(messages), [[one.id] for one in messages])

    def test_the_mails_of_one_conversation_reach_one_document_in_their_order(self):
        answers = [
            self.mail(
                self.at_domain("sales"),
                message_id=f"<answer{number}@customer.example>",
                extra=f"References: <{named}@customer.example>\r\n",
            )
            for number, named in enumerate(("first", "first", "answer0"))
        ]
        messages = self.journal(self.mail(self.at_domain("sales")), *answers)
        with self.routing(lambda message: None) as commits:
            self.Message._cron_route()
        self.assertEqual(len(set(commits)), 1)
        document = self.assertDelivered(messages[0], self.at_domain("sales"))
        self.assertEqual(messages.delivery_ids.mapped("res_id"), [document.id] * 4)
        posted = document.message_ids.filtered(lambda one: one.message_type == "email")
        self.assertEqual(
            posted.sorted("id").mapped("message_id"), messages.mapped("message_id")
        )

    def test_copies_for_several_recipients_make_one_document_each(self):
        to = ", ".join(map(self.at_domain, ("sales", "jobs")))
        messages = self.journal(
            *(self.mail(self.at_domain(name), to=to) for name in ("sales", "jobs")),
            self.mail(self.at_domain("sales"), to=to),
        )
        with self.routing(lambda message: None) as commits:
            self.Message._cron_route()
        self.assertEqual(len(set(commits)), 1)
        delivered = messages.delivery_ids.filtered(lambda one: one.state == "delivered")
        self.assertEqual(
            sorted(delivered.mapped("recipient")),
            sorted(map(self.at_domain, ("sales", "jobs"))),
        )
        self.assertEqual(len(set(delivered.mapped("res_id"))), 2)

    @mute_logger("odoo.addons.mail_catchall_router.models.route.message_deliver")
    def test_an_alias_that_works_and_then_fails_is_marked_and_holds_nothing_up(self):
        messages = self.three()
        model = type(self.env[self.sales.alias_model_id.model])
        new = model.message_new

        def message_new(leads, values, custom_values=None):
            if values["subject"] == "Mail 1":
                raise ValueError("no such thing")
            return new(leads, values, custom_values)

        self.sales.with_env(self.env).alias_status = "not_tested"
        with patch.object(model, "message_new", message_new):
            self.Message._cron_route()
        self.assertEqual(messages.mapped("state"), ["delivered", "failed", "delivered"])
        self.assertEqual(self.sales.with_env(self.env).alias_status, "valid")

    def test_large_mails_share_no_transaction(self):
        messages = self.three()
        messages.size = 3 * 1024 * 1024
        self.assertEqual(self.batches(messages), [[one.id] for one in messages])

    def test_what_another_lane_has_taken_is_left_to_it(self):
        messages = self.three()
        messages.claim = "7"
        messages[2].claim = "8"
        self.env["ir.cron"]._commit_progress()
        self.assertFalse(messages._route_together(7, {}))
        self.assertEqual(messages.mapped("attempt_count"), [0] * 3)
        self.assertFalse(messages.delivery_ids)

    def test_an_alias_made_while_mails_are_routed_is_known_to_the_next(self):
        Domain = self.env["mail.alias.domain"].with_context(catchall_routing=1).sudo()
        address = self.at_domain("brandnew")
        self.assertEqual(Domain._find_aliases([address]), [])
        self.env["mail.alias"].create(
            {
                "alias_name": "brandnew",
                "alias_model_id": self.env["ir.model"]._get_id("crm.lead"),
                "alias_domain_id": self.router.alias_domain_ids[0].id,
            }
        )
        self.assertEqual(Domain._find_aliases([address]), [address])

    def test_what_is_found_out_about_a_mail_is_written_once_with_its_end(self):
        messages = self.three()
        execute, writes = type(self.env.cr).execute, []

        def counting(cursor, query, *arguments, **options):
            text = str(getattr(query, "code", query))
            if "UPDATE" in text and '"mail_catchall_message"' in text:
                writes.append(text)
            return execute(cursor, query, *arguments, **options)

        with patch.object(type(self.env.cr), "execute", counting):
            self.Message._cron_route()
        self.assertEqual(messages.mapped("state"), ["delivered"] * 3)
        # Once more where something is looked for that it must be found by.
        self.assertLess(len(writes), 2 * 3)
