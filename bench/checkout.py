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
engines = importlib.import_module("tools.servers.engines")
headers = importlib.import_module("tools.mail.headers")
letter = importlib.import_module("tools.inbound.letter")
networks = importlib.import_module("tools.inbound.networks")
reply_address = importlib.import_module("tools.outbound.reply_address")
signs = importlib.import_module("tools.inbound.signs")
tokens = importlib.import_module("tools.inbound.tokens")
trust = importlib.import_module("tools.inbound.trust")
