"""Compares what arrived with what Odoo made of it, mail by mail."""

import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from .mails import ALIASES

TOKEN = re.compile(rb"token-\d{6}")
MESSAGES_QUERY = """
    SELECT id, state, reason_code, fingerprint, claim, attempt_count, crash_count,
           error,
           encode(sha256(substring(raw FROM 2)), 'hex') AS sha
      FROM mail_catchall_message
     ORDER BY id
"""
DELIVERIES_QUERY = """
    SELECT id, message_id, fingerprint, recipient, state, reason_code, model, res_id,
           must_settle
      FROM mail_catchall_delivery
     ORDER BY id
"""
EMAILS_QUERY = """
    SELECT id, model, res_id, message_id FROM mail_message WHERE message_type = 'email'
"""
FILES_QUERY = """
    SELECT store_fname AS name, file_size AS size FROM ir_attachment
     WHERE store_fname IS NOT NULL AND res_model IN %s
"""


@dataclass
class Balance:
    """What the comparison came to: sentences about what is wrong, and figures."""

    problems: list[str] = field(default_factory=list)
    losses: int = 0
    doubles: int = 0
    figures: Counter = field(default_factory=Counter)

    def lost(self, text, count=1):
        """Note that something is missing."""
        self.losses += count
        self.problems.append(f"Lost: {text}")

    def doubled(self, text, count=1):
        """Note that something happened more often than once."""
        self.doubles += count
        self.problems.append(f"Double: {text}")

    def wrong(self, text):
        """Note anything else that should not be."""
        self.problems.append(text)


class Ledger:
    """The books of one database, from the moment the ledger was made."""

    def __init__(self, odoo, database):
        self.odoo = odoo
        self.database = database
        self._documents_before = self._documents()

    # ------------------------------------------------------------------
    # READ
    # ------------------------------------------------------------------

    def rows(self, query):
        """Return the rows of a query as dictionaries."""
        sql = f"SELECT coalesce(json_agg(found), '[]') FROM ({query}) found"
        return json.loads("".join(self.odoo.cluster.query(sql, self.database)))

    def open_count(self):
        """Return how many messages still wait for their end."""
        (row,) = self.rows(
            "SELECT count(*) AS count FROM mail_catchall_message"
            " WHERE state IN ('received', 'failed')"
        )
        return row["count"]

    def journalled_count(self):
        """Return how many messages there are."""
        (row,) = self.rows("SELECT count(*) AS count FROM mail_catchall_message")
        return row["count"]

    def _documents(self):
        found = Counter()
        for model in ALIASES.values():
            table = model.replace(".", "_")
            (row,) = self.rows(f"SELECT count(*) AS count FROM {table}")
            found[model] = row["count"]
        return found

    # ------------------------------------------------------------------
    # BALANCE
    # ------------------------------------------------------------------

    def balance(self, arrived, plans):
        """Compare everything that arrived and was planned with the database.

        :param arrived: the bytes of every copy that came into the mailbox
        :param plans: the mails that were sent
        """
        balance = Balance()
        messages = self.rows(MESSAGES_QUERY)
        tokens = {_sha(raw): token_of(raw) for raw in arrived}
        self._check_journal(balance, messages, Counter(map(_sha, arrived)), tokens)
        self._check_states(balance, messages, tokens)
        token_by_id = {row["id"]: tokens.get(row["sha"]) for row in messages}
        deliveries = [
            dict(row, token=token_by_id[row["message_id"]])
            for row in self.rows(DELIVERIES_QUERY)
        ]
        ends = {}
        for plan in plans:
            ends.setdefault(plan.token, {}).update(plan.ends)
        places = self._check_deliveries(balance, deliveries, ends)
        self._check_documents(balance, places, ends)
        self._check_files(balance)
        balance.figures.update(row["state"] for row in messages)
        balance.figures["attempts"] = sum(row["attempt_count"] for row in messages)
        return balance

    def _check_journal(self, balance, messages, arrived, tokens):
        """Every copy is in the journal once, byte by byte."""
        journalled = Counter(row["sha"] for row in messages)
        for sha, count in (arrived - journalled).items():
            balance.lost(f"{count} copies of {tokens[sha]} are not journalled", count)
        for sha, count in (journalled - arrived).items():
            name = tokens.get(sha, "a mail that never arrived so")
            balance.doubled(f"{count} copies of {name} too many are journalled", count)

    def _check_states(self, balance, messages, tokens):
        """Nothing is in limbo."""
        for row in messages:
            name = f"message {row['id']} ({tokens.get(row['sha'])})"
            if row["state"] in {"received", "failed", "dead"}:
                error = (row["error"] or "").strip().rpartition("\n")[2]
                balance.wrong(f"{name} is {row['state']}: {error}")
            elif row["claim"] or row["crash_count"]:
                balance.wrong(f"{name} is {row['state']} and still claimed or counted")

    def _check_deliveries(self, balance, deliveries, ends):
        """Every recipient of every content is settled once, as planned.

        :return: {(token, recipient): (model, id)} of what reached a document
        """
        settled = {}
        for row in deliveries:
            if row["state"] != "duplicate":
                settled.setdefault((row["token"], row["recipient"]), []).append(row)
        wanted = {
            (token, recipient): end
            for token, planned in ends.items()
            for recipient, end in planned.items()
        }
        for key in wanted.keys() - settled.keys():
            balance.lost(f"{key} has no delivery")
        for key in settled.keys() - wanted.keys():
            balance.doubled(f"{key} has a delivery that nobody planned")
        places = {}
        for key in wanted.keys() & settled.keys():
            first, *others = settled[key]
            if others:
                balance.doubled(f"{key} has several deliveries", len(others))
            state = "held" if wanted[key].is_held else "delivered"
            model = wanted[key].model or None
            if (first["state"], first["model"]) != (state, model):
                balance.wrong(
                    f"{key} is {first['state']} ({first['reason_code']}) on "
                    f"{first['model']}, not {state} on {model}"
                )
            elif model:
                places[key] = (model, first["res_id"])
        return places

    def _check_documents(self, balance, places, ends):
        """Every document was made by one mail, and has the messages it should."""
        emails = Counter(
            (row["model"], row["res_id"])
            for row in self.rows(EMAILS_QUERY)
            if row["model"] in ALIASES.values()
        )
        wanted = Counter(places.values())
        makers = Counter()
        for (token, recipient), place in places.items():
            parent = ends[token][recipient].parent
            if not parent:
                makers[place] += 1
            elif place not in {places.get((parent, one)) for one in ends[parent]}:
                balance.wrong(f"{token} is on {place}, where {parent} is not")
        for place, count in makers.items():
            if count > 1:
                balance.lost(f"{count} mails share the document {place}", count - 1)
        for place, count in (wanted - emails).items():
            balance.lost(f"{count} messages are missing on {place}", count)
        for place, count in (emails - wanted).items():
            balance.doubled(f"{count} messages too many are on {place}", count)
        made = self._documents() - self._documents_before
        for model in ALIASES.values():
            count = sum(1 for place in makers if place[0] == model)
            if made[model] != count:
                balance.wrong(f"{made[model]} new {model}, not {count}")
        balance.figures["documents"] = sum(made.values())
        balance.figures["messages"] = sum(emails.values())

    def _check_files(self, balance):
        """Every attachment of a document is in the filestore, as a whole."""
        folder = self.odoo.data / "filestore" / self.database
        models = tuple(ALIASES.values())
        for row in self.rows(FILES_QUERY % (models,)):
            path = Path(folder / row["name"])
            if not path.is_file() or path.stat().st_size != row["size"]:
                balance.lost(f"the stored file {row['name']}")


def token_of(raw):
    """Return the token in a mail."""
    found = TOKEN.search(raw)
    return found[0].decode() if found else "a mail without a token"


def _sha(raw):
    return hashlib.sha256(raw).hexdigest()
