"""``odoo catchall_listen``: collect mail the moment it arrives."""

import argparse
import importlib
import signal
import sys

from odoo.cli import Command
from odoo.tools import config

PROCESS = "odoo.addons.mail_catchall_router.listener.process"


class CatchallListen(Command):
    """Collect mail the moment it arrives, instead of every few minutes.

    Waits for new mail in the mailboxes of all mail routers (IMAP IDLE) and wakes the
    scheduled action that collects it. It changes nothing in the mailboxes, and mail is
    collected without it, too, only later: it may be stopped and started at any time.
    Further options are those of the server (--config, --db_host ...).
    """

    name = "catchall_listen"

    def run(self, args):
        """Listen until SIGTERM or SIGINT."""
        parser = self.parser
        parser.formatter_class = argparse.RawDescriptionHelpFormatter
        parser.add_argument(
            "--refresh",
            type=float,
            default=60.0,
            metavar="SECONDS",
            help="how often to look for new, changed and removed mailboxes (60)",
        )
        options, rest = parser.parse_known_args(args)
        config.parse_config(rest, setup_logging=True)
        if not config["db_name"]:
            parser.error("name the databases: -d DATABASE[,DATABASE]")
        # Loads the addon, and with it those it depends on: only now, with the settings.
        process = importlib.import_module(PROCESS)
        listener = process.Listener(config["db_name"], options.refresh)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_signal: listener.stop())
        listener.run()
        sys.exit(0)
