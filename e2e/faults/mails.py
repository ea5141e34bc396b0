"""Mails of every kind, and what has to become of each of them."""

import random
from dataclasses import dataclass, field
from email.message import EmailMessage

from sandbox import client
from sandbox.seed import DOMAIN

ALIASES = {
    f"sales@{DOMAIN}": "crm.lead",
    f"ketoantruong@{DOMAIN}": "hr.applicant",
    f"project@{DOMAIN}": "project.task",
}
OUTSIDE = "lan@doitac.test"
# Often what is simple, and of everything else enough.
KINDS = {
    "single": 30,
    "several": 12,
    "separate": 6,
    "bcc": 8,
    "bcc only": 6,
    "reply": 14,
    "double": 7,
    "late": 5,
    "same id": 4,
    "unknown": 4,
    "garbage": 8,
}
#: A file that at 45 kB/s takes longer than a scheduled action of Odoo may.
LARGE_FILE = 7_000_000
ATTACHED = 0.3  # of the mails carry a file, which Odoo keeps in the filestore
NASTY = (
    b"Subject: =?utf-9?q?broken?=\r\n",
    b"Subject: =?utf-8?b?not base64!?=\r\n",
    b"Subject: \xff\xfe\xe1\xba\xbf\r\n",
    b"From: \r\n",
    b"From: <<<>>>,,;:@@\r\n",
    b"From: =?x?q?=\r\n\t?= <kh@khachhang.test>\r\n",
    b"Date: the day before yesterday\r\n",
    b"To: undisclosed-recipients:;\r\n",
    b"Content-Type: multipart/mixed; boundary=\r\n",
    b'Content-Type: multipart/mixed; boundary="b"\r\n',
    b"Content-Type: text/html; charset=klingon\r\n",
    b"Content-Type: message/rfc822\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
    b"Content-Transfer-Encoding: x-unknown\r\n",
    b"Message-ID: <>\r\n",
    b"References: <<a> b@@ <\r\n",
    b"no header at all\r\n",
    b"MIME-Version: 9\r\n",
)


@dataclass(frozen=True)
class End:
    """What has to become of one recipient of a mail: a new document of a model, a
    message on the document that another mail made, or being held."""

    model: str = ""
    parent: str = ""

    @property
    def is_held(self):
        """Whether a person has to decide."""
        return not self.model


@dataclass
class Plan:
    """One mail to send: its bytes, its recipients by transaction, its ends."""

    token: str
    kind: str
    raw: bytes
    transactions: list[list[str]]
    ends: dict[str, End] = field(default_factory=dict)
    message: EmailMessage | None = None


def new_document(address):
    """Return the end of a mail to an alias."""
    return End(ALIASES[address])


class Mix:
    """Makes mails of all kinds, the same ones for the same seed."""

    def __init__(self, seed):
        self.random = random.Random(f"mails {seed}")
        self.plans: list[Plan] = []
        self._kinds: list[str] = []

    def next(self):
        """Return the next mail, of any kind."""
        if not self._kinds:
            self._kinds = [
                name for name, weight in KINDS.items() for _ in range(weight)
            ]
            self.random.shuffle(self._kinds)
        return self.make(self._kinds.pop())

    def make(self, kind):
        """Return the next mail, of a kind; of what it needs there must be one."""
        maker = getattr(self, "_" + kind.replace(" ", "_"))
        plan = maker(f"token-{len(self.plans):06}") or self._single(
            f"token-{len(self.plans):06}"
        )
        self.plans.append(plan)
        return plan

    # ------------------------------------------------------------------
    # PARTS
    # ------------------------------------------------------------------

    def _address(self):
        return self.random.choice(list(ALIASES))

    def _addresses(self):
        return self.random.sample(list(ALIASES), self.random.choice((2, 3)))

    def _compose(self, token, to, headers=None, size=0, **values):
        number = self.random.randrange(40)
        attachments = []
        if size or self.random.random() < ATTACHED:
            size = size or self.random.choice((100, 5_000, 60_000))
            attachments.append((f"{token}.bin", self.random.randbytes(size)))
        values.setdefault("sender", f"Khách {number} <kh{number}@khachhang.test>")
        return client.compose(
            to=to,
            subject=f"Hỏi giá {token}",
            body=f"Chào anh chị, đây là {token}.\n" * self.random.randrange(1, 9),
            attachments=attachments,
            headers={
                "Message-ID": f"<{token}.{self.random.random()}@khachhang.test>",
                "X-Token": token,
                **(headers or {}),
            },
            **values,
        )

    def _plan(self, kind, token, message, transactions, ends):
        return Plan(token, kind, message.as_bytes(), transactions, ends, message)

    def _earlier(self, *kinds):
        """Choose one of the latest mails of some kinds, if there is one."""
        found = [plan for plan in self.plans if plan.kind in kinds]
        return self.random.choice(found[-30:]) if found else None

    def _is_answered(self, original):
        return any(
            end.parent == original.token
            for plan in self.plans
            for end in plan.ends.values()
        )

    # ------------------------------------------------------------------
    # KINDS
    # ------------------------------------------------------------------

    def _large(self, token):
        address = self._address()
        message = self._compose(token, [address], size=LARGE_FILE)
        ends = {address: new_document(address)}
        return self._plan("large", token, message, [[address]], ends)

    def _single(self, token):
        address = self._address()
        message = self._compose(token, [address])
        ends = {address: new_document(address)}
        return self._plan("single", token, message, [[address]], ends)

    def _several(self, token):
        addresses = self._addresses()
        message = self._compose(token, addresses)
        ends = {one: new_document(one) for one in addresses}
        return self._plan("several", token, message, [addresses], ends)

    def _separate(self, token):
        plan = self._several(token)
        plan.kind = "separate"
        plan.transactions = [[one] for one in plan.transactions[0]]
        return plan

    def _bcc(self, token):
        first, *hidden = addresses = self._addresses()
        message = self._compose(token, [first], cc=[OUTSIDE])
        ends = {one: new_document(one) for one in addresses}
        return self._plan("bcc", token, message, [[first, *hidden]], ends)

    def _bcc_only(self, token):
        address = self._address()
        message = self._compose(token, [OUTSIDE])
        ends = {address: new_document(address)}
        return self._plan("bcc only", token, message, [[address]], ends)

    def _reply(self, token):
        original = self._earlier("single")
        if not original:
            return None
        ((address, end),) = original.ends.items()
        message_id = original.message["Message-ID"]
        headers = {"In-Reply-To": message_id, "References": message_id}
        message = self._compose(token, [address], headers)
        ends = {address: End(end.model, original.token)}
        return self._plan("reply", token, message, [[address]], ends)

    def _double(self, token):
        """The same mail again, as after a lost answer of the receiving server. Garbage
        has neither a Message-ID nor a date that would tell it from another mail."""
        original = self._earlier("single", "several", "reply", "unknown")
        if not original:
            return None
        again = self.random.choice(original.transactions)
        return Plan(original.token, "double", original.raw, [again])

    def _late(self, token):
        """A further copy of a mail, for a hidden recipient."""
        original = self._earlier("single")
        if not original or self._is_answered(original):
            return None
        (address,) = original.ends
        other = self.random.choice([one for one in ALIASES if one != address])
        original.kind = "single with a late copy"  # two documents: no more answers
        original.ends[other] = new_document(other)
        return Plan(original.token, "late", original.raw, [[other]])

    def _same_id(self, token):
        """Another mail under a Message-ID that was there already."""
        original = self._earlier("several", "bcc only")
        if not original:
            return None
        address = self._address()
        headers = {"Message-ID": original.message["Message-ID"]}
        message = self._compose(token, [address], headers)
        ends = {address: new_document(address)}
        return self._plan("same id", token, message, [[address]], ends)

    def _unknown(self, token):
        address = f"zz{token}qq@{DOMAIN}"
        message = self._compose(token, [address])
        return self._plan("unknown", token, message, [[address]], {address: End()})

    def _garbage(self, token):
        address = self._address()
        lines = self.random.sample(NASTY, self.random.randrange(1, 7))
        noise = self.random.randbytes(self.random.randrange(2_000)).replace(b"\0", b"")
        raw = b"".join(lines) + b"\r\n" + f"{token}\r\n".encode() + noise
        ends = {address: new_document(address)}
        return Plan(token, "garbage", raw, [[address]], ends)
