"""The tools of this checkout, for programs that run outside Odoo."""

import importlib
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

addresses = importlib.import_module("tools.mail.addresses")
automatic = importlib.import_module("tools.inbound.automatic")
bayes = importlib.import_module("tools.inbound.bayes")
bounces = importlib.import_module("tools.inbound.bounces")
defence = importlib.import_module("tools.inbound.defence")
headers = importlib.import_module("tools.mail.headers")
letter = importlib.import_module("tools.inbound.letter")
reply_address = importlib.import_module("tools.outbound.reply_address")
signs = importlib.import_module("tools.inbound.signs")
tokens = importlib.import_module("tools.inbound.tokens")
