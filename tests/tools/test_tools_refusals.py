import errno
import smtplib
import socket
import ssl

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.outbound import refusals
from odoo.addons.mail_catchall_router.tools.outbound.refusals import (
    Refusal,
    read_refusal,
)

from ..strategies import given, header_text, quick, st

SENDER, CUSTOMER = "user_a@own.test", "lan@customer.test"


class DeliveryError(Exception):
    """Stands for what Odoo raises in place of the exception of smtplib."""


def at_mail(code, text):
    return smtplib.SMTPSenderRefused(code, text.encode(), SENDER)


def at_rcpt(code, text):
    return smtplib.SMTPRecipientsRefused({CUSTOMER: (code, text.encode())})


def at_data(code, text):
    return smtplib.SMTPDataError(code, text.encode())


def wrapped(exception, explicit=False):
    """An exception that has taken the place of `exception`."""
    wrapper = DeliveryError("Mail Delivery Failed", "text")
    if explicit:
        wrapper.__cause__ = exception
    else:
        wrapper.__context__ = exception
    return wrapper


#: (stage, code, words) of senders that providers refuse.
SENDERS = (
    # Postfix: reject_sender_login_mismatch, at RCPT by default
    (
        at_rcpt,
        553,
        f"5.7.1 <{SENDER}>: Sender address rejected: not owned by user c@own.test",
    ),
    (at_mail, 553, f"5.7.1 <{SENDER}>: Sender address rejected: not logged in"),
    (at_rcpt, 550, f"5.1.0 <{SENDER}>: Sender address rejected: User unknown"),
    (at_rcpt, 554, f"5.7.1 <{SENDER}>: Sender address rejected: Access denied"),
    (at_rcpt, 550, f"5.1.8 <{SENDER}>: Sender address rejected: Domain not found"),
    # Yandex
    (at_mail, 553, "5.7.1 Sender address rejected: not owned by auth user."),
    # Exchange
    (
        at_data,
        550,
        "5.7.60 SMTP; Client does not have permissions to send as this sender",
    ),
    (
        at_data,
        554,
        "5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException; quota of words",
    ),
    (
        at_data,
        554,
        f"5.2.252 SendAsDenied; c@own.test not allowed to send as {SENDER}",
    ),
    (
        at_data,
        550,
        "5.2.252 Sender throttled due to continuous send as denied errors.",
    ),
    # Zoho
    (at_mail, 553, f"Relaying disallowed as {SENDER}"),
    (at_rcpt, 553, f"Relaying disallowed as {SENDER}"),
    # Fastmail
    (at_data, 551, "5.7.1 Not authorised to send from this header address"),
    # Amazon SES
    (
        at_data,
        554,
        f"Email address is not verified. Failed the check in region EU-1: {SENDER}",
    ),
    (at_data, 550, "The from address does not match a verified Sender Identity."),
    (at_data, 550, "5.7.0 From address is not one of your addresses."),
    (at_mail, 501, "mail from address must be same as authorization user"),
    (at_mail, 553, "Mail from must equal authorized user"),
    (at_mail, 550, "not local sender over smtp"),
    (at_rcpt, 550, "Sender verify failed"),
    (at_data, 550, "Requested action not taken. Sender address is not allowed."),
    (at_data, 554, "5.7.1 Unauthorized sender"),
    (at_mail, 550, "5.1.0 sender rejected"),
    (at_mail, 530, "5.7.1 Sender is not authorized"),
    # Nothing else is refused at MAIL FROM
    (at_mail, 501, "5.1.7 Syntax error in parameters"),
    (at_mail, 550, "5.1.1 No such user"),
    (at_mail, 553, ""),
)

#: (stage, code, words, kind) of everything else.
OTHERS = (
    (at_rcpt, 550, f"5.1.1 <{CUSTOMER}>: Recipient address rejected: User unknown"),
    (at_rcpt, 550, "5.1.1 The email account that you tried to reach does not exist"),
    (at_rcpt, 550, f"5.4.1 Recipient address rejected: Access denied. [{CUSTOMER}]"),
    (at_rcpt, 550, "5.1.10 RESOLVER.ADR.RecipientNotFound; not found"),
    (at_rcpt, 550, "No such user here"),
    (at_rcpt, 553, "5.1.3 sorry, that mailbox name is not allowed"),
    (at_rcpt, 501, "5.1.3 Bad recipient address syntax"),
    (at_rcpt, 552, "5.2.2 mailbox full"),
    (at_rcpt, 552, "Mailbox is full"),
    (at_rcpt, 552, "Quota exceeded"),
    (at_rcpt, 550, "5.2.2 over quota: recipient's sending limit is not the matter"),
    (at_rcpt, 550, "5.2.1 The email account that you tried to reach is disabled"),
    (at_rcpt, 550, "Requested action not taken: mailbox unavailable"),
    (at_rcpt, 551, "User not local"),
    (at_data, 550, "5.1.1 unknown user"),
    (at_rcpt, 550, "5.1.1 <sender.rejected@x.test>: unknown"),
    # Exchange: a group or a person who takes mail of some people only. "Not
    # authenticated" speaks of the customer's directory, not of our account.
    (
        at_data,
        550,
        (
            "5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; it is required; "
            "Delivery restriction check failed"
        ),
    ),
    (
        at_data,
        550,
        "5.7.134 RESOLVER.RST.SenderNotAuthenticatedForMailbox; it is required",
    ),
    (at_data, 550, "5.7.124 RESOLVER.RST.RestrictedToGroupPermission; not allowed"),
    (at_rcpt, 550, "5.7.1 RESOLVER.RST.AuthRequired; authentication required"),
)
#: (stage, code, words) of accounts that may send nothing. Sources: Microsoft's list of
#: non-delivery reports in Exchange Online and its pages on Outlook.com's requirements
#: and on the end of passwords for SMTP; Google's list of SMTP errors; Postfix' smtpd(8)
#: and postconf(5); RFC 4954 6; Amazon SES' and SendGrid's lists of replies; issues of
#: modoboa, nodemailer, postal, mautic and gophish with what people saw.
ACCOUNTS = (
    # Postfix: not signed in, a client that may not, a greeting that it dislikes
    (at_rcpt, 554, f"5.7.1 <{CUSTOMER}>: Relay access denied"),
    (at_rcpt, 454, f"4.7.1 <{CUSTOMER}>: Relay access denied"),
    (at_rcpt, 554, "5.7.1 <unknown[192.0.2.7]>: Client host rejected: Access denied"),
    (at_rcpt, 450, "4.7.25 Client host rejected: cannot find your hostname"),
    (
        at_rcpt,
        504,
        "5.5.2 <odoo>: Helo command rejected: need fully-qualified hostname",
    ),
    (at_mail, 530, "5.7.0 Must issue a STARTTLS command first"),
    # Sendmail, Exim, qmail
    (at_rcpt, 550, f"5.7.1 <{CUSTOMER}>... Relaying denied. IP name lookup failed"),
    (at_rcpt, 550, "relay not permitted!"),
    (at_rcpt, 553, "sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)"),
    # RFC 4954
    (at_mail, 530, "5.7.0 Authentication required"),
    (at_mail, 535, "5.7.8 Authentication credentials invalid"),
    (at_rcpt, 535, "5.7.8 Error: authentication failed"),
    (at_mail, 538, "5.7.11 Encryption required for requested authentication"),
    # Exchange and Exchange Online
    (at_rcpt, 550, "5.7.54 SMTP; Unable to relay recipient in non-accepted domain"),
    (at_mail, 530, "5.7.57 Client not authenticated to send mail"),
    (at_mail, 550, "5.7.57 Client was not authenticated to send anonymous mail"),
    (
        at_data,
        550,
        "5.7.30 Basic authentication is not supported for Client Submission",
    ),
    (at_data, 550, "5.1.8 Access denied, bad outbound sender AS(42004)"),
    (at_data, 550, "5.7.501 Access denied, spam abuse detected"),
    (at_data, 550, "5.7.705 Access denied, tenant has exceeded threshold"),
    (at_rcpt, 550, "5.7.708 Service unavailable. Access denied, traffic not accepted"),
    (at_data, 550, "5.7.750 Service unavailable. Client blocked from sending"),
    (at_data, 550, "5.7.515 Access denied, sending domain own.test does not meet the"),
    # Gmail
    (at_mail, 530, "5.7.0 Authentication Required. For more information, go to"),
    (at_mail, 535, "5.7.8 Username and Password not accepted"),
    (at_mail, 534, "5.7.9 Application-specific password required"),
    (at_data, 550, "5.7.26 Unauthenticated email from own.test is not accepted: DMARC"),
    # Amazon SES, SendGrid, Mailgun, SMTP2GO
    (at_data, 554, "Message rejected: Sending paused for this account."),
    (
        at_data,
        554,
        (
            "Access denied: User `arn:aws:iam::1234:user/ses' is not authorized to "
            "perform `ses:SendRawEmail' on resource `arn:aws:ses:eu-west-1:1:identity'"
        ),
    ),
    # Brevo, Mailgun, Exchange with the sender's own mailbox full
    (at_rcpt, 525, "5.7.1 Unauthorized IP address"),
    (
        at_data,
        550,
        "5.7.1 Sandbox subdomains are for test purposes only. Please add your own one",
    ),
    (
        at_data,
        554,
        (
            "5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException."
            "MapiExceptionShutoffQuotaExceeded; Failed to process message"
        ),
    ),
    (at_data, 554, "Message rejected: Sending suspended for this account."),
    (at_mail, 530, "Must issue a STARTTLS command first"),
    (at_mail, 550, "Unauthenticated senders not allowed"),
    (at_mail, 451, "Authentication failed: Maximum credits exceeded"),
    (
        at_data,
        421,
        "Domain own.test is not allowed: Please activate your Mailgun account",
    ),
    (at_rcpt, 552, "Your account has been suspended. Please contact us to reactivate"),
    # Exim and cPanel, qmail, and submission ports that want a sign-in first
    (
        at_rcpt,
        550,
        (
            "Please turn on SMTP Authentication in your mail client. host.test "
            "[192.0.2.9]:52222 is not permitted to relay through this server without "
            "authentication."
        ),
    ),
    (at_rcpt, 550, "SMTP AUTH is required for message submission on port 587"),
    (at_mail, 503, "5.5.1 Error: need AUTH command first"),
    (at_mail, 503, "AUTH first (#5.5.1)"),
    (at_mail, 503, "Bad sequence of commands: authentication needed"),
    (at_mail, 550, "Access denied - Invalid HELO name (See RFC2821 4.1.1.1)"),
    (at_rcpt, 550, "5.7.10 Encryption needed"),
    (at_mail, 432, "4.7.12 A password transition is needed"),
    (at_mail, 526, "Authentication failure[0]"),
    # stopped, because somebody else sent through it, or nobody paid
    (
        at_data,
        550,
        "5.4.6 Unusual sending activity detected. Please try after sometime",
    ),
    (at_data, 554, "5.4.6 Unusual sending activity detected."),
    (at_rcpt, 550, 'Outgoing mail from "own" has been suspended.'),
    (at_mail, 554, "5.7.1 Outgoing mail from this account has been suspended"),
    (at_rcpt, 550, "Your account was hacked. Please change your password"),
    (at_mail, 550, "5.7.1 [CS01] Message rejected due to compromised account"),
    (at_mail, 550, "The account is locked: outgoing spam detected"),
    (at_mail, 550, "user is locked."),
    (at_mail, 550, "User has no permission"),
    (at_mail, 554, "5.7.1 Disabled by user from hPanel"),
    (at_mail, 553, "sorry, your mailbox is administratively disabled (#5.7.1)"),
    (at_mail, 554, "5.7.0 Your SMTP service has expired. Renew your subscription"),
)
OTHER_KINDS = (
    # Exchange Online: of one recipient, of a company's day
    (
        at_data,
        550,
        (
            "5.2.121 Recipient's per hour message receive limit from specific sender "
            "exceeded."
        ),
        "temporary",
    ),
    (
        at_data,
        550,
        (
            "5.7.233 Your message can't be sent because your tenant has exceeded its "
            "daily limit for sending email to external recipients"
        ),
        "quota",
    ),
    (at_data, 550, "5.1.90 you've reached your daily limit for recipients", "quota"),
    # policyd of hosters, who say it of the recipient; Dreamhost; Tencent
    (
        at_rcpt,
        550,
        (
            f"5.7.1 <{CUSTOMER}>: Recipient address rejected: Policy Rejection- Quota "
            "Exceeded."
        ),
        "quota",
    ),
    (
        at_rcpt,
        450,
        (
            f"4.7.1 <{CUSTOMER}>: Recipient address rejected: Policy Rejection- Quota "
            "Exceeded."
        ),
        "quota",
    ),
    (
        at_data,
        554,
        (
            "5.7.0 Your message could not be sent. The limit on the number of allowed "
            "outgoing messages was exceeded. Try again later."
        ),
        "quota",
    ),
    (at_mail, 550, "Domain frequency limited", "quota"),
    (at_rcpt, 550, "5.7.1 Too many failed recipients, slow down", "quota"),
    (at_rcpt, 451, "out of allow RCPT numbers.", "too_many"),
    # Gmail, Tencent, NetEase
    (
        at_data,
        552,
        (
            "5.7.0 This message was blocked because its content presents a potential "
            "security issue"
        ),
        "spam",
    ),
    (at_data, 550, "Mail content denied.", "spam"),
    (at_data, 554, "DT:SPM 163 smtp3,DNGowABXX", "spam"),
    (at_data, 550, f"5.7.1 [SS] Sender {SENDER} has been blocked", "sender"),
    # of a recipient's account, not of ours
    (at_rcpt, 550, "user is locked", "recipient"),
    (at_rcpt, 550, "5.2.1 This account is suspended", "recipient"),
    (at_rcpt, 550, "5.7.1 User email address is marked as invalid.", "recipient"),
    (at_rcpt, 550, "5.7.1 It only accepts mail from internal senders", "recipient"),
    (at_data, 554, "delivery error: This user doesn't have an account", "recipient"),
    (at_rcpt, 550, "5.4.5 Daily SMTP relay limit exceeded for customer", "quota"),
    (at_data, 550, "5.4.5 Daily user sending limit exceeded", "quota"),
    (
        at_rcpt,
        554,
        "5.7.1 Recipient address rejected: exceeded your quota",
        "quota",
    ),
    (at_rcpt, 550, "Domain own.test has exceeded the max emails per hour", "quota"),
    (at_mail, 550, "5.7.1 Rate limit exceeded", "quota"),
    (at_mail, 552, "5.3.4 Message size exceeds fixed limit", "size"),
    (at_data, 552, "5.3.4 Your message exceeded our size limits", "size"),
    (at_data, 554, "Message too large", "size"),
    (at_data, 554, "5.7.1 Spam message rejected", "spam"),
    (at_rcpt, 554, "5.7.1 Service unavailable; Client host blocked using x", "spam"),
    (at_rcpt, 550, "5.7.23 SPF: sender is not authorized", "policy"),
    (at_rcpt, 550, "5.7.1 Not today", "policy"),
    (at_data, 554, "Transaction failed", "other"),
    (at_rcpt, 503, "Bad sequence of commands", "other"),
    (at_mail, 555, "5.5.4 Unsupported option: SIZE", "other"),
    (at_rcpt, 450, "4.2.0 Greylisted, try again later", "temporary"),
    (at_rcpt, 452, "4.2.2 The email account is over quota", "temporary"),
    (at_rcpt, 452, "4.3.1 Insufficient system storage", "temporary"),
    (at_mail, 450, "4.1.8 Sender address rejected: Domain not found", "temporary"),
    (at_mail, 421, "4.3.2 Service shutting down", "temporary"),
    (at_data, 451, "4.3.0 Temporary failure", "temporary"),
    (at_rcpt, 450, "4.2.1 The user is receiving mail too quickly", "temporary"),
    (at_rcpt, 452, "4.5.3 Too many recipients", "too_many"),
    (at_rcpt, 452, "4.5.3 Error: too many recipients", "too_many"),
    # Gmail
    (
        at_rcpt,
        452,
        "4.5.3 Domain policy size per transaction exceeded, please try this recipient",
        "too_many",
    ),
    # qmail and its heirs
    (at_rcpt, 552, "Sorry, too many recipients (maximum 100)", "too_many"),
    # Exchange
    (at_data, 550, "5.5.3 RESOLVER.ADR.RecipLimit; too many recipients", "too_many"),
    (at_rcpt, 452, "4.5.3 Too many recipients this hour", "quota"),
    (at_rcpt, 450, "Recipient rate limit exceeded", "quota"),
    (at_mail, 451, "4.7.1 Rate limit exceeded", "quota"),
    (at_data, 432, "4.3.2 STOREDRV.ClientSubmit; sender thread limit", "quota"),
    (at_data, 454, "4.7.0 Too many login attempts, please try again later", "quota"),
)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestRefusals(BaseCase):
    """A refusal is blamed on what the server meant."""

    def test_senders(self):
        for stage, code, words in SENDERS:
            with self.subTest(words=words):
                found = read_refusal(stage(code, words))
                self.assertEqual((found.kind, found.code), ("sender", code))
                if SENDER in words or stage is at_mail:
                    self.assertEqual(found.address, SENDER)
                else:
                    self.assertNotEqual(found.address, CUSTOMER)

    def test_recipients(self):
        for stage, code, words in OTHERS:
            with self.subTest(words=words):
                found = read_refusal(stage(code, words))
                self.assertEqual((found.kind, found.code), ("recipient", code))
                self.assertEqual(found.address, CUSTOMER if stage is at_rcpt else "")

    def test_accounts(self):
        for stage, code, words in ACCOUNTS:
            with self.subTest(words=words):
                found = read_refusal(stage(code, words))
                self.assertEqual((found.kind, found.code), ("account", code))

    @quick
    @given(st.sampled_from(ACCOUNTS), st.text("abcdef0123456789-. []", max_size=40))
    def test_accounts_by_what_stands_around(self, known, case):
        """Servers add who they are and the number of the case."""
        stage, code, words = known
        found = read_refusal(stage(code, f"{words} {case}"))
        self.assertEqual(found.kind, "account", words)

    def test_a_recipient_s_account_is_not_ours(self):
        for words in (
            "5.2.1 The email account that you tried to reach is disabled",
            "5.1.1 <lan@customer.test>: Recipient address rejected: Access denied",
            "5.2.1 mailbox disabled",
            "5.1.1 Account suspended",
            "5.7.1 Not today",
        ):
            self.assertNotEqual(read_refusal(at_rcpt(550, words)).kind, "account")

    def test_other_kinds(self):
        for stage, code, words, kind in OTHER_KINDS:
            with self.subTest(words=words):
                found = read_refusal(stage(code, words))
                self.assertEqual((found.kind, found.code), (kind, code))

    def test_refusal(self):
        words = f"5.7.1 <{SENDER}>: Sender address rejected:\n5.7.1  not owned by user"
        self.assertEqual(
            read_refusal(at_rcpt(553, words)),
            Refusal("sender", 553, "5.7.1", " ".join(words.split()), SENDER),
        )

    def test_the_refused_sender_is_named(self):
        for words, address in (
            ("5.7.60 c@own.test has no permission to send as a@own.test", "a@own.test"),
            ("Relaying disallowed as <a@own.test>", "a@own.test"),
            (
                "<a@own.test>: Sender address rejected: not owned by c@x.test",
                "a@own.test",
            ),
            (f"{CUSTOMER}: sender rejected", ""),
            ("sender rejected", ""),
        ):
            with self.subTest(words=words):
                self.assertEqual(read_refusal(at_rcpt(550, words)).address, address)

    def test_enhanced_code(self):
        for words, enhanced in (
            ("5.7.1 no", "5.7.1"),
            ("#5.7.1 no", "5.7.1"),
            ("no (5.7.1)", "5.7.1"),
            ("host 5.1.2.3 said 5.7.1", "5.7.1"),
            ("4.7.1 no", ""),
            ("5.7.1.2", ""),
            ("", ""),
        ):
            with self.subTest(words=words):
                self.assertEqual(read_refusal(at_data(550, words)).enhanced, enhanced)

    def test_connections(self):
        for error in (
            smtplib.SMTPServerDisconnected("Connection unexpectedly closed"),
            smtplib.SMTPConnectError(554, b"No SMTP service here"),
            smtplib.SMTPHeloError(501, b"bad name"),
            smtplib.SMTPAuthenticationError(535, b"5.7.8 Bad credentials"),
            TimeoutError("timed out"),
            socket.gaierror(-2, "Name or service not known"),
            ConnectionRefusedError(111, "Connection refused"),
            ssl.SSLError(1, "handshake failure"),
            OSError(errno.EHOSTUNREACH, "No route to host"),
        ):
            with self.subTest(error=error):
                self.assertEqual(read_refusal(error).kind, "temporary")
                self.assertTrue(read_refusal(error).words)
        refused = smtplib.SMTPAuthenticationError(454, b"4.7.0 Too many login attempts")
        self.assertEqual(read_refusal(refused).kind, "quota")

    def test_wrapped_by_odoo(self):
        error = at_mail(553, "5.7.1 Sender address rejected: not owned by user c")
        expected = read_refusal(error)
        self.assertEqual(expected.kind, "sender")
        for explicit in (True, False):
            self.assertEqual(read_refusal(wrapped(error, explicit)), expected)
            self.assertEqual(read_refusal(wrapped(wrapped(error), explicit)), expected)

    def test_what_only_quotes_an_answer(self):
        error = DeliveryError("Failed", "SMTPDataError: 550, b'5.7.60 not allowed'")
        found = read_refusal(error)
        self.assertEqual((found.kind, found.code), ("sender", 550))

    def test_other_exceptions(self):
        for error in (
            ValueError("no address"),
            FileNotFoundError(errno.ENOENT, "No such file"),
            smtplib.SMTPNotSupportedError("SMTPUTF8"),
            UserWarning(),
            KeyError("x"),
        ):
            with self.subTest(error=error):
                self.assertEqual(read_refusal(error).kind, "other")

    def test_a_chain_that_bites_its_tail(self):
        first, second = ValueError("a"), ValueError("b")
        first.__context__, second.__context__ = second, first
        self.assertEqual(read_refusal(first).kind, "other")

    def test_several_recipients(self):
        sender = (553, b"5.7.1 Sender address rejected: not owned by user")
        unknown, later = (550, b"5.1.1 User unknown"), (450, b"4.2.0 Greylisted")
        for answers, kind in (
            ([unknown, sender], "sender"),
            ([unknown, later], "temporary"),
            ([unknown, unknown], "recipient"),
        ):
            error = smtplib.SMTPRecipientsRefused(
                {f"r{at}@customer.test": answer for at, answer in enumerate(answers)}
            )
            self.assertEqual(read_refusal(error).kind, kind)
            found = refusals.read_refusals(error)
            self.assertEqual(len(found), 2)
            self.assertEqual(found[0].kind, "recipient")
            self.assertEqual(found[0].address, "r0@customer.test")

    def test_malformed_exceptions(self):
        for error in (
            smtplib.SMTPRecipientsRefused({}),
            smtplib.SMTPRecipientsRefused(None),
            smtplib.SMTPRecipientsRefused({"a": "b"}),
            smtplib.SMTPDataError(None, None),
            smtplib.SMTPSenderRefused("550", 5, None),
            smtplib.SMTPResponseException(-1, b"garbage"),
        ):
            with self.subTest(error=error):
                self.assertIn(read_refusal(error).kind, ("other", "temporary"))

    @quick
    @given(
        st.sampled_from([at_mail, at_rcpt, at_data]),
        st.integers(400, 599),
        st.one_of(header_text, st.sampled_from([w for _s, _c, w in SENDERS + OTHERS])),
    )
    def test_every_refusal_has_a_kind(self, stage, code, words):
        words = words.encode("utf-8", "replace").decode()
        found = read_refusal(stage(code, words))
        self.assertIn(found.kind, refusals.KINDS)
        self.assertEqual(found, read_refusal(wrapped(stage(code, words))))
        self.assertLessEqual(len(found.words), refusals.WORDS_LIMIT)
        self.assertFalse(set("\r\n\0") & set(found.words))
        if code < 500:
            # The mail waits; what it waits for is another matter.
            self.assertIn(found.kind, ("temporary", "quota", "account", "too_many"))

    @quick
    @given(st.one_of(header_text, st.binary().map(repr)))
    def test_text_never_raises(self, text):
        self.assertIn(read_refusal(DeliveryError(text)).kind, refusals.KINDS)

    def test_hostile_words_are_read_in_linear_time(self):
        for piece in ("a", "@", "sender ", "from ", "5.1.1 ", "not ", "a@b.", " "):
            for stage in (at_mail, at_rcpt, at_data):
                read_refusal(stage(550, piece * 100_000))

    def test_each_recipient_has_the_refusal_that_is_meant_for_him(self):
        error = smtplib.SMTPRecipientsRefused(
            {
                "A@c.test": (450, b"4.2.0 Later"),
                "b@c.test": (550, b"5.1.1 No such user"),
            }
        )
        told = refusals.read_by_recipient(error, ["A@c.test", "b@c.test"])
        self.assertEqual(
            {address: one.kind for address, one in told.items()},
            {"A@c.test": "temporary", "b@c.test": "recipient"},
        )
        of_all = refusals.read_by_recipient(at_mail(451, "Later"), ["x", "y"])
        self.assertEqual({one.kind for one in of_all.values()}, {"temporary"})

    def test_a_recipient_who_is_not_verified_is_no_sender(self):
        """Amazon SES lets an account in its sandbox write to verified addresses only,
        and says of recipients what it says of senders."""
        words = (
            "Message rejected: Email address is not verified. The following "
            "identities failed the check in region EU-WEST-1: {}"
        )
        for named, kind, address in (
            (CUSTOMER, "account", ""),
            (f"{CUSTOMER}, binh@customer.test", "account", ""),
            (f"{CUSTOMER}, {SENDER}", "sender", SENDER),
            (f"User A <{SENDER}>, {SENDER}", "sender", SENDER),
        ):
            with self.subTest(named=named):
                error = at_data(554, words.format(named))
                people = [CUSTOMER, "binh@customer.test"]
                told = refusals.read_by_recipient(error, people, [SENDER])[CUSTOMER]
                self.assertEqual((told.kind, told.address), (kind, address))
        # Who writes to himself is the sender.
        told = refusals.read_by_recipient(
            at_data(554, words.format(SENDER)), [SENDER], [SENDER]
        )
        self.assertEqual(told[SENDER].kind, "sender")
