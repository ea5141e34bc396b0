"""The tools of this checkout, for programs that run outside Odoo."""

import importlib
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

addresses = importlib.import_module("tools.mail.addresses")
automatic = importlib.import_module("tools.inbound.automatic")
bounces = importlib.import_module("tools.inbound.bounces")
headers = importlib.import_module("tools.mail.headers")
reply_address = importlib.import_module("tools.outbound.reply_address")
