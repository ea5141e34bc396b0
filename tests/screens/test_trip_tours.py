from datetime import timedelta
from unittest.mock import patch

from odoo.tests import HttpCase, tagged

from odoo.addons.mail_catchall_router.tools.mail import headers

from ...models.collect.fetchmail_server_find import FoundMail
from ...models.trip import trip_look
from ..mail_servers import connecting
from ..smtp_server import smtp_server
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
            self.mailbox = [self.arrived(letter) for letter in letters]
        else:
            router = self.router.with_env(env)
            env["mail.catchall.message"]._journal(
                router, [{"raw": raw} for raw in self.mailbox]
            )

    def arrived(self, letter):
        """Return a mail as the provider leaves it in the mailbox."""
        trace = (
            f"X-Original-To: {letter.recipients[0]}\r\n"
            f"Received: from odoo.example (odoo.example [192.0.2.9]) by "
            f"mx.{self.domain} (Postfix) with ESMTPSA id 4ABC; now\r\n"
        )
        return trace.encode() + letter.content

    def tour(self, name):
        action = "mail_catchall_router.mail_catchall_router_action"
        self.start_tour(
            f"/odoo/action-{action}/{self.router.id}", name, login="manager"
        )

    def test_watch_a_mail_come_back(self):
        self.tour("mail_catchall_router_trip")
        self.assertEqual(self.router.last_trip_id.state, "arrived")

    def test_read_how_to_switch_a_catch_all_on(self):
        self.smtp.refuse("RCPT", "550 5.1.1 User unknown in virtual mailbox table")
        self.smtp_server.catchall_provider = "zoho"
        self.tour("mail_catchall_router_trip_refused")
        states = self.router.trip_ids.mapped("state")
        self.assertEqual(states, ["refused", "refused"])

    def test_read_the_junk_folder_too(self):
        self.enterContext(patch.object(trip_look, "FIRST_JUNK_LOOK", timedelta()))
        self.enterContext(
            patch.object(
                self.registry["fetchmail.server"],
                "_catchall_find",
                lambda server, is_wanted, everywhere: self.find(is_wanted),
            )
        )
        self.enterContext(patch.object(self, "collect", self.collect_junk))
        self.tour("mail_catchall_router_trip_junk")
        folder = self.router.folder_ids.filtered(lambda one: one.name == "Junk")
        self.assertEqual((folder.last_uid, folder.uidvalidity), ("6", "7"))
        self.assertEqual(self.router.last_trip_id.state, "arrived")

    def find(self, is_wanted):
        """Find in Junk what was sent."""
        self.mailbox = [self.arrived(letter) for letter in self.smtp.letters]
        found = headers.parse_headers(self.mailbox[0])
        self.assertTrue(is_wanted(found))
        return FoundMail("Junk", True, 7, 7, found)

    def collect_junk(self, env):
        """Stand in for a server whose Junk folder alone has mail."""
        router = self.router.with_env(env)
        if "Junk" in router.folder_ids.mapped("name"):
            env["mail.catchall.message"]._journal(
                router, [{"raw": raw, "folder": "Junk"} for raw in self.mailbox]
            )
