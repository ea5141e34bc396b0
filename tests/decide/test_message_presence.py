import json
from types import SimpleNamespace
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.bus.models import ir_websocket

from ...models.decide.message_presence import CHANGED, LOOKING
from ..common import RouterCommon

READER = "mail_catchall_router.group_mail_catchall_router_user"


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestPresence(RouterCommon):
    """Colleagues hear who is looking at a mail that waits."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = cls.router.company_id
        cls.lan = new_test_user(
            cls.env, "looking_lan", groups=READER, company_id=company.id
        )
        cls.held = cls.Message._journal(
            cls.router, [{"raw": cls.mail(cls.at_domain("nobody"))}]
        )

    def channels_of(self, user):
        asks = SimpleNamespace(session=SimpleNamespace(uid=user.id))
        with patch.object(ir_websocket, "wsrequest", asks):
            listens = self.env["ir.websocket"].with_user(user)
            channels = listens._build_bus_channel_list([])
        return [one for one in channels if isinstance(one, tuple)]

    def sent(self, kind=LOOKING):
        self.env.cr.precommit.run()
        rows = self.env["bus.bus"].sudo().search([], order="id desc", limit=5)
        messages = [(json.loads(one.channel), json.loads(one.message)) for one in rows]
        return [one for one in messages if one[1]["type"] == kind]

    def test_colleagues_of_the_company_hear_it(self):
        self.held.with_user(self.lan).tell_looking()
        [(channel, message)] = self.sent()
        self.assertEqual(
            message["payload"],
            {"id": self.held.id, "user_id": self.lan.id, "name": self.lan.name},
        )
        group, part = self.held._looking_channel(self.router.company_id)
        self.assertEqual(channel[1:], [group._name, group.id, part])

    def test_colleagues_hear_that_something_was_decided(self):
        self.held.state = "held"
        self.held.action_discard()
        [(channel, _message)] = self.sent(CHANGED)
        group, part = self.held._looking_channel(self.router.company_id)
        self.assertEqual(channel[1:], [group._name, group.id, part])

    def test_only_who_sees_the_mail_of_the_company_listens(self):
        mine = self.held._looking_channel(self.router.company_id)
        self.assertIn(mine, self.channels_of(self.lan))
        other = new_test_user(
            self.env, "looking_other", groups=READER, company_id=self.company_2.id
        )
        self.assertNotIn(mine, self.channels_of(other))
        stranger = new_test_user(self.env, "looking_stranger")
        self.assertNotIn(mine, self.channels_of(stranger))

    def test_who_may_not_read_the_mail_tells_nothing(self):
        stranger = new_test_user(self.env, "looking_nobody")
        with self.assertRaises(AccessError):
            self.held.with_user(stranger).tell_looking()
        self.assertFalse(self.sent())
