from collections import Counter
from contextlib import closing
from unittest.mock import patch

from odoo.sql_db import Cursor
from odoo.tests import tagged

from odoo.addons.mail.tests.common import MailCommon

from ..tools.runtime.memo import forget
from .common import RouterCommon

# What may be asked with a router for one notification more than without one.
MAY_COST = 1


class Counted:
    """Counts what posting a message that one customer gets asks of the database."""

    @classmethod
    def make_customers(cls):
        cls.document = cls.env["res.partner"].create(
            {"name": "Document", "email": "doc@x.example"}
        )
        cls.customer = cls.env["res.partner"].create(
            {"name": "Customer", "email": "customer@x.example"}
        )
        cls.user_employee.group_ids += cls.env.ref("base.group_partner_manager")

    def post(self):
        with self.mock_mail_gateway():
            self.document.with_user(self.user_employee).message_post(
                body="Hello",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                partner_ids=self.customer.ids,
                force_send=False,
            )
            self.env.flush_all()

    def queries(self):
        """Return the statements of one notification, when all that is remembered is."""
        for _each in range(3):
            # The first makes the key that signs, and all that is remembered is lost.
            self.post()
            self.env.invalidate_all()
        # What a transaction remembers is gone, too.
        forget(self.env.cr)
        asked = []
        execute = Cursor.execute

        def noting(cursor, query, *args, **kwargs):
            asked.append(str(getattr(query, "code", query)))
            return execute(cursor, query, *args, **kwargs)

        with patch.object(Cursor, "execute", noting):
            self.post()
        return asked


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestWithoutRouter(Counted, MailCommon):
    """A database without a router pays nothing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_customers()
        cls.env["mail.catchall.router"].search([]).unlink()

    def test_a_notification_asks_nothing_of_ours(self):
        asked = self.queries()
        self.assertTrue(any("mail_notification" in one for one in asked))
        ours = [one for one in asked if '"mail_catchall' in one]
        self.assertFalse(ours)

    def test_it_is_known_at_once_when_there_is_one(self):
        Router = self.env["mail.catchall.router"]
        self.assertFalse(Router._is_in_use())
        router = Router.create({"name": "First"})
        self.assertTrue(Router._is_in_use())
        router.active = False
        self.assertTrue(Router._is_in_use())
        router.unlink()
        self.assertFalse(Router._is_in_use())


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestWithRouter(Counted, RouterCommon):
    """A notification with a router asks little more than one without."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_customers()

    def test_a_notification_asks_little_more(self):
        with_router = self.queries()
        self.router.unlink()
        without = self.queries()
        self.assertLessEqual(
            len(with_router),
            len(without) + MAY_COST,
            "\n\n".join((Counter(with_router) - Counter(without)).elements()),
        )

    def test_what_is_known_of_the_routers_is_what_is_so(self):
        Router = self.env["mail.catchall.router"]
        self.assertEqual(Router._active_routers(), self.router.sudo())
        with closing(self.env.cr.savepoint()):
            other = Router.create({"name": "Other"})
            self.assertIn(other, Router._active_routers())
        self.assertEqual(Router._active_routers(), self.router.sudo())
        self.router.reply_to = "alias"
        self.assertFalse(Router._reply_routers())
        self.router.active = False
        self.assertFalse(Router._active_routers())
