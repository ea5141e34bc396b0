from unittest.mock import patch

from odoo.tests import HttpCase, tagged

from .mail_servers import connecting
from .smtp_server import smtp_server
from .test_views import ViewsCommon


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestTripTours(ViewsCommon, HttpCase):
    """A person presses the button and watches what becomes of the mail."""

    def setUp(self):
        super().setUp()
        self.smtp = self.enterContext(smtp_server())
        self.smtp_server.write(
            {
                "smtp_host": "127.0.0.1",
                "smtp_port": self.smtp.port,
                "smtp_encryption": "none",
            }
        )
        self.enterContext(connecting(self.smtp_server))
        self.mailbox = []
        self.enterContext(
            patch.object(
                self.registry["fetchmail.server"],
                "_catchall_collect",
                lambda server: self.collect(server.env),
            )
        )

    def collect(self, env):
        """Stand in for the incoming server: the second look finds what was sent."""
        if self.smtp.letters:
            letters, self.smtp.letters = self.smtp.letters, []
            self.mailbox = [
                f"X-Original-To: {letter.recipients[0]}\r\n"
                f"Received: from odoo.example (odoo.example [192.0.2.9]) by "
                f"mx.{self.domain} (Postfix) with ESMTPSA id 4ABC; now\r\n".encode()
                + letter.content
                for letter in letters
            ]
        else:
            router = self.router.with_env(env)
            env["mail.catchall.message"]._journal(
                router, [{"raw": raw} for raw in self.mailbox]
            )

    def tour(self, name):
        action = "mail_catchall_router.mail_catchall_router_action"
        self.start_tour(
            f"/odoo/action-{action}/{self.router.id}", name, login="manager"
        )

    def test_watch_a_mail_come_back(self):
        self.tour("mail_catchall_router_trip")
        self.assertEqual(self.router.last_trip_id.state, "arrived")
