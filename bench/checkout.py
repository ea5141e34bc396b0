"""The tools of this checkout, for programs that run outside Odoo."""

import importlib
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

addresses = importlib.import_module("tools.addresses")
automatic = importlib.import_module("tools.automatic")
bounces = importlib.import_module("tools.bounces")
headers = importlib.import_module("tools.headers")
reply_address = importlib.import_module("tools.reply_address")
