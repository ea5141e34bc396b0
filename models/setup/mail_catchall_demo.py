import json
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from odoo import api, fields, models
from odoo.tools import file_open

MAILS = "mail_catchall_router/demo/mails.json"
ROUTER = "mail_catchall_router.demo_router"
DOMAIN = "lotus.example"
HOST = f"mx.{DOMAIN}"
# Where senders are, unless their mail says otherwise (RFC 5737: nobody's).
NETWORK = "192.0.2"
ACCOUNT = f"catchall@{DOMAIN}"
ROUTING_TIME = timedelta(seconds=40)
SENT_HOURS = 14 * 24
WORKING_DAYS, WORKING_HOURS = range(5), range(8, 13)
FILE = b"%PDF-1.4\n%demo\n"


class MailCatchallDemo(models.AbstractModel):
    """Demo data: mails of two weeks, journalled and routed as all mail is.

    Nothing is sent: what routing has queued is thrown away, and the router has no
    servers.
    """

    _name = "mail.catchall.demo"
    _description = "Demo Mail"

    @api.model
    def _load(self):
        """Let the mails of ``demo/mails.json`` arrive, the oldest first."""
        queue = self._queued_mails()
        with file_open(MAILS) as stream:
            kinds = json.load(stream)
        now = fields.Datetime.now()
        for position, kind in enumerate(kinds):
            kind.setdefault("id", position)
            if kind.get("is_one_mail"):
                kind["written"] = now - timedelta(hours=kind["ago"][0])
        arrivals = [
            (ago, number, kind)
            for kind in kinds
            for number, ago in enumerate(kind["ago"])
        ]
        for ago, number, kind in sorted(arrivals, key=lambda one: -one[0]):
            self._arrive(now - timedelta(hours=ago), number, kind)
        (self._queued_mails() - queue).unlink()
        self._count_sent(now)

    def _count_sent(self, now):
        """Let mail have been sent in the hours of the last two weeks, in working
        hours."""
        this_hour = now.replace(minute=0, second=0, microsecond=0)
        hours = [this_hour - timedelta(hours=ago) for ago in range(1, SENT_HOURS)]
        self.env["mail.catchall.sent"].create(
            [
                {
                    "router_id": self.env.ref(ROUTER).id,
                    "date": hour,
                    "count": 1 + hour.day * hour.hour % 3,
                }
                for hour in hours
                if hour.weekday() in WORKING_DAYS and hour.hour in WORKING_HOURS
            ]
        )

    def _queued_mails(self):
        return self.env["mail.mail"].search([("state", "=", "outgoing")])

    # ------------------------------------------------------------
    # ONE MAIL
    # ------------------------------------------------------------

    def _arrive(self, moment, number, kind):
        """Write one mail down, route it, and let it have happened in the past.

        :param number: which one of its kind it is, from 0
        :param kind: dict, an entry of the file
        """
        router = self.env.ref(ROUTER)
        raw = self._write_mail(moment, number, kind)
        # While Odoo installs, it lets a record be older than its installation.
        message = self.env["mail.catchall.message"]._journal(
            router, [{"raw": raw, "internal_date": moment, "create_date": moment}]
        )
        if kind.get("attempts_used_up"):
            message.attempt_count = router.max_attempts
        message._route()
        self._date_back(message, moment)
        if number < kind.get("answered", 0):
            self._answer(message, kind["answer"])

    def _date_back(self, message, moment):
        message.delivery_ids.write({"create_date": moment})
        if message.routed_date:
            message.routed_date = moment + ROUTING_TIME
        if message.state == "delivered":
            message.delay = ROUTING_TIME.total_seconds()

    def _answer(self, message, text):
        """Let a user have answered on the documents of a message."""
        author = self.env.ref("base.user_admin").partner_id
        posted = self.with_context(mail_notify_force_send=False)
        for delivery in message.delivery_ids.filtered("res_id"):
            posted.env[delivery.model].browse(delivery.res_id).message_post(
                body=text,
                author_id=author.id,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )

    # ------------------------------------------------------------
    # BYTES
    # ------------------------------------------------------------

    def _write_mail(self, moment, number, kind):
        """Return the bytes of a mail as the provider's server keeps it."""
        sender = self._pick(kind["from"], number)
        words = {
            "name": parseaddr(sender)[0],
            "number": self._pick(kind.get("numbers", [0]), number),
        }
        mail = EmailMessage()
        mail["From"] = sender
        mail["To"] = f"{self._pick(kind['to'], number)}@{DOMAIN}"
        mail["Subject"] = kind["subject"].format(**words)
        # A copy was written when the first one was.
        mail["Date"] = format_datetime(kind.get("written", moment))
        mail["Message-ID"] = self._message_id(number, kind)
        if "reply_to" in kind:
            mail["In-Reply-To"] = self._message_id(0, {"id": kind["reply_to"]})
        mail.set_content(kind["body"].format(**words))
        if "content_type" in kind:
            mail.replace_header("Content-Type", kind["content_type"])
        if "attachment" in kind:
            mail.add_attachment(
                FILE,
                maintype="application",
                subtype="pdf",
                filename=kind["attachment"],
            )
        return self._trace(moment, mail["To"], kind) + mail.as_bytes()

    def _pick(self, choice, number):
        return choice[number % len(choice)] if isinstance(choice, list) else choice

    def _message_id(self, number, kind):
        copy = 0 if kind.get("is_one_mail") else number
        return f"<{kind['id']}.{copy}@customers.example>"

    def _trace(self, moment, recipient, kind):
        """Return what the mail servers wrote on top of a mail, as bytes."""
        headers = [
            ("X-Original-To", recipient),
            ("Delivered-To", ACCOUNT),
            *kind.get("headers", {}).items(),
        ]
        address = f"{kind.get('network', NETWORK)}.7"
        date = format_datetime(moment)
        headers += [
            ("Received", f"from mail{hop}.example ([{address}]) by {HOST}; {date}")
            for hop in range(kind.get("hops", 1))
        ]
        return "".join(f"{name}: {value}\n" for name, value in headers).encode()
