"""A mail client of the sandbox: sends as an outside customer, reads any mailbox."""

import email
import email.policy
import email.utils
import imaplib
import mimetypes
import smtplib
from email.message import EmailMessage
from pathlib import Path

from .mailserver import MAILBOXES, password
from .progress import SandboxError

CUSTOMER = "Khách Hàng <khach@khachhang.test>"
OUTSIDE_HOST = "mail.khachhang.test"
TIMEOUT = 30


def compose(
    *,
    sender=CUSTOMER,
    to=(),
    cc=(),
    subject="",
    body="",
    attachments=(),
    headers=None,
    html=None,
):
    """Return a mail as a customer's mail program writes it.

    :param attachments: paths of files, or pairs of file name and bytes
    :param headers: further headers by name; they win over the ones made here
    """
    message = EmailMessage(policy=email.policy.SMTP)
    values = {
        "From": sender,
        "To": ", ".join(to),
        "Cc": ", ".join(cc),
        "Subject": subject,
        "Date": email.utils.localtime(),
        "Message-ID": email.utils.make_msgid(
            domain=address_of(sender).partition("@")[2]
        ),
        **(headers or {}),
    }
    for name, value in values.items():
        if value:
            message[name] = value
    message.set_content(body)
    if html:
        message.add_alternative(html, subtype="html")
    for attachment in attachments:
        _attach(message, attachment)
    return message


def _attach(message, attachment):
    name, content = (
        attachment if isinstance(attachment, tuple) else _read(Path(attachment))
    )
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    maintype, _, subtype = kind.partition("/")
    message.add_attachment(content, maintype=maintype, subtype=subtype, filename=name)


def _read(path):
    try:
        return path.name, path.read_bytes()
    except OSError as error:
        raise SandboxError(
            f"The attachment {path} cannot be read: {error.strerror}."
        ) from error


def answer(original, *, sender=CUSTOMER, body="", **values):
    """Return an answer to a mail: to its Reply-To, threaded by its Message-ID."""
    subject = original["Subject"] or ""
    message_id = original["Message-ID"]
    references = f"{original['References'] or ''} {message_id}".split()
    headers = {"In-Reply-To": message_id, "References": " ".join(references)}
    return compose(
        sender=sender,
        to=[str(original["Reply-To"] or original["From"])],
        subject=subject if subject.lower().startswith("re:") else f"Re: {subject}",
        body=body,
        headers=headers | values.pop("headers", {}),
        **values,
    )


def address_of(text):
    """Return the plain address in ``Name <address>``."""
    return email.utils.parseaddr(str(text))[1]


def recipients_of(message):
    """Return the plain addresses in To and Cc of a mail."""
    fields = [
        str(value) for name in ("To", "Cc") for value in message.get_all(name, [])
    ]
    return [address for _name, address in email.utils.getaddresses(fields) if address]


class Client:
    """Speaks SMTP and IMAP to the sandbox mail server of one instance."""

    def __init__(self, instance):
        self.instance = instance

    # ------------------------------------------------------------------
    # SENDING
    # ------------------------------------------------------------------

    def deliver(self, raw, *, sender, recipients, login=None):
        """Hand a mail to the server in one transaction and return its last answer.

        :param bytes raw: the mail as it is
        :param str sender: the envelope sender, empty for a bounce
        :param login: a mailbox to log in as; without it the mail comes from outside
        :raise smtplib.SMTPException: when the server refuses
        """
        with self._session(login) as session:
            needs_utf8 = not (sender + "".join(recipients)).isascii()
            options = ["SMTPUTF8"] if needs_utf8 else []
            code, text = session.mail(sender, options)
            if code != 250:
                raise smtplib.SMTPSenderRefused(code, text, sender)
            refused = {}
            for recipient in recipients:
                code, text = session.rcpt(recipient)
                if code not in {250, 251}:
                    refused[recipient] = (code, text)
            if len(refused) == len(recipients):
                raise smtplib.SMTPRecipientsRefused(refused)
            code, text = session.data(raw)
            if code != 250:
                raise smtplib.SMTPDataError(code, text)
            return f"{code} {text.decode(errors='replace')}"

    def smtp_port(self, protocol):
        """Return the port of ``smtp`` or ``submission``."""
        return self.instance.port(protocol)

    def _session(self, login):
        port = self.smtp_port("submission" if login else "smtp")
        try:
            session = smtplib.SMTP(
                "127.0.0.1", port, local_hostname=OUTSIDE_HOST, timeout=TIMEOUT
            )
        except OSError as error:
            raise _not_running(port) from error
        session.ehlo()
        if login:
            session.starttls()
            session.login(login, password(login))
        return session

    def send(self, message, *, bcc=(), sender=None, recipients=None, separate=False):
        """Send a composed mail as an outside customer and return the server's answers.

        :param message: an ``EmailMessage``, or bytes together with ``recipients``
        :param sender: the envelope sender, by default the address in From
        :param recipients: the envelope recipients, by default To, Cc and ``bcc``
        :param bool separate: one transaction per recipient, as large providers do
        """
        raw = message if isinstance(message, bytes) else message.as_bytes()
        if isinstance(message, bytes):
            message = email.message_from_bytes(message, policy=email.policy.default)
        if sender is None:
            sender = address_of(message["From"])
        if recipients is None:
            recipients = recipients_of(message) + [
                address_of(address) for address in bcc
            ]
        groups = [[recipient] for recipient in recipients] if separate else [recipients]
        return [self.deliver(raw, sender=sender, recipients=group) for group in groups]

    # ------------------------------------------------------------------
    # READING
    # ------------------------------------------------------------------

    def imap(self, address):
        """Return an IMAP session of a mailbox; close it with ``with``."""
        port = self.instance.port("imap")
        try:
            session = imaplib.IMAP4("127.0.0.1", port, timeout=TIMEOUT)
        except OSError as error:
            raise _not_running(port) from error
        session.login(address, password(address))
        return session

    def raw_mails(self, address, folder="INBOX"):
        """Return the mails in a folder as bytes, oldest first; they stay unread."""
        if address not in MAILBOXES:
            raise SandboxError(
                f"{address} is no mailbox of the sandbox. "
                f"There are: {', '.join(MAILBOXES)}."
            )
        with self.imap(address) as session:
            status, answer_lines = session.select(folder, readonly=True)
            if status != "OK" or answer_lines == [b"0"]:
                return []
            _status, parts = session.fetch("1:*", "(BODY.PEEK[])")
            return [part[1] for part in parts if isinstance(part, tuple)]

    def inbox(self, address, folder="INBOX"):
        """Return the mails in a folder, oldest first."""
        return [
            email.message_from_bytes(raw, policy=email.policy.default)
            for raw in self.raw_mails(address, folder)
        ]


def _not_running(port):
    return SandboxError(
        f"Nothing answers on port {port}: the sandbox mail server does not run. "
        "Start it with dev/mail start."
    )
