from odoo.tests import tagged

from odoo.addons.mail_catchall_router.models.route import message_queue as queue
from odoo.addons.mail_catchall_router.tools.runtime import locks

from ..common import CommittingCommon

FIRST = "<first@customer.example>"


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestClaim(CommittingCommon):
    """Which messages a lane takes: no router waits behind the flood of another."""

    def setUp(self):
        super().setUp()
        self.other = self.router.create({"name": "Quiet router"})

    def flood(self, count, router=None, prefix="flood"):
        mails = [
            {"raw": self.mail(self.at_domain("sales"), message_id=f"<{prefix}-{n}@x>")}
            for n in range(count)
        ]
        return self.Message._journal(router or self.router, mails)

    def answer_to(self, message_id, router):
        raw = self.mail(
            self.at_domain("sales"),
            message_id=f"<answer-{router.id}@customer.example>",
            extra=f"References: {message_id}\r\n",
        )
        return self.Message._journal(router, [{"raw": raw}])

    def claim(self, token=1, limit=10):
        with locks.worker_lock(self.env.cr, token):
            return self.Message._claim(token, limit)

    def test_a_single_mail_is_not_behind_the_flood_of_another_router(self):
        self.flood(30)
        single = self.flood(1, self.other, "single")
        claimed = self.claim()
        self.assertEqual(len(claimed), 10)
        self.assertIn(single, claimed[:2])

    def test_two_floods_share_a_claim(self):
        self.flood(30)
        self.flood(30, self.other, "other")
        claimed = self.claim()
        self.assertEqual(len(claimed.filtered(lambda m: m.router_id == self.other)), 5)

    def test_each_router_has_its_mail_routed_in_the_order_of_arrival(self):
        self.flood(20)
        self.flood(20, self.other, "other")
        claimed = self.claim().grouped("router_id")
        self.assertEqual(len(claimed), 2)
        for messages in claimed.values():
            self.assertEqual(messages.ids, sorted(messages.ids))
            self.assertEqual(
                messages,
                self.Message.search(
                    [("router_id", "=", messages.router_id.id)],
                    order="id",
                    limit=len(messages),
                ),
            )

    def test_more_routers_than_a_claim_holds_all_get_their_turn(self):
        routers = self.router.create([{"name": f"Router {n}"} for n in range(8)])
        for router in routers:
            self.flood(3, router, f"router-{router.id}")
        served = set()
        for token in range(1, 14):
            with locks.worker_lock(self.env.cr, token):
                claimed = self.Message._claim(token, 2)
                claimed.write({"state": "delivered", "claim": False})
                served.update(claimed.router_id.ids)
        self.assertEqual(served, set(routers.ids))

    def test_a_conversation_over_two_routers_keeps_its_order(self):
        self.flood(12)
        first = self.Message._journal(
            self.router, [{"raw": self.mail(self.at_domain("sales"), message_id=FIRST)}]
        )
        answer = self.answer_to(FIRST, self.other)
        self.assertEqual(answer.conversation, first.conversation)
        self.assertNotIn(answer, self.claim())
        first.state = "delivered"
        self.assertIn(answer, self.claim(2))

    def test_what_failed_often_elsewhere_holds_nobody_up(self):
        first = self.Message._journal(
            self.router, [{"raw": self.mail(self.at_domain("sales"), message_id=FIRST)}]
        )
        answer = self.answer_to(FIRST, self.other)
        first.write(
            {
                "state": "failed",
                "attempt_count": queue.BLOCKING_ATTEMPTS + 1,
                "next_attempt": "2099-01-01 00:00:00",
            }
        )
        self.assertEqual(self.claim(), answer)

    def test_the_cost_of_a_claim_does_not_grow_with_the_backlog(self):
        self.flood(20)
        self.flood(1, self.other, "single")
        self.env.flush_all()
        few = self.rows_read()
        self.env.cr.execute(
            """
            INSERT INTO mail_catchall_message
                   (router_id, company_id, entrance, state, conversation)
            SELECT %s, %s, 'mailbox', 'received', 'flood ' || n
              FROM generate_series(1, 5000) n
            """,
            [self.router.id, self.router.company_id.id],
        )
        self.env.cr.execute("ANALYZE mail_catchall_message")
        self.assertLessEqual(self.rows_read(), few + 10)

    def rows_read(self):
        """Return how many rows of the journal PostgreSQL reads to choose ten."""
        self.env.cr.execute(
            f"EXPLAIN (ANALYZE, FORMAT JSON) {queue.CLAIM_QUERY}",
            {"claim": "1", "now": "2026-01-01", "blocking_attempts": 3, "limit": 10},
        )
        ((found,),) = self.env.cr.fetchall()
        return sum(map(self.rows_of, self.nodes(found[0]["Plan"])))

    def nodes(self, plan):
        yield plan
        for part in plan.get("Plans", []):
            yield from self.nodes(part)

    def rows_of(self, node):
        if node.get("Relation Name") != "mail_catchall_message":
            return 0
        rows = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
        return rows * node["Actual Loops"]
