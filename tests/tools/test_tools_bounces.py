import time
from typing import NamedTuple

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.inbound import bounces
from odoo.addons.mail_catchall_router.tools.inbound.bounces import verp_recipient

from ..strategies import given, settings, st

ORIGINAL = """\
Received: from office.own.test by mx.own.test; Mon, 2 Nov 2026 08:00:00 +0700
Message-ID: <offer-1@own.test>
References: <first@customer.example> <second@own.test>
From: An <an@own.test>
To: lan@customer.example
Subject: Offer

Dear Lan
"""
DAEMON = "Mail Delivery System <MAILER-DAEMON@mx.example>"


def mail(text, *, sender=DAEMON, subject="Undelivered Mail Returned to Sender", **more):
    """Return a mail (bytes) of one text; ``more`` are headers, `_` stands for `-`."""
    fields = {"From": sender, "To": "an@own.test", "Subject": subject, **more}
    fields.setdefault("Message-ID", "<report@mx.example>")
    lines = [f"{name.replace('_', '-')}: {value}\n" for name, value in fields.items()]
    return ("".join(lines) + "\n" + text).encode()


def report(fields, text="Delivery failed.", returned=ORIGINAL, **more):
    """Return an RFC 3464 report (bytes) with these groups of fields."""
    kind = "multipart/report; report-type=delivery-status; boundary=b"
    fields = f"Reporting-MTA: dns; mx.example\n\n{fields}"
    parts = {
        "text/plain": text,
        "message/delivery-status": fields,
        "message/rfc822": returned,
    }
    body = "".join(
        f"--b\nContent-Type: {part}\n\n{content}\n" for part, content in parts.items()
    )
    body += "--b--\n"
    return mail(body, Content_Type=kind, **more)


def failed(address, status="5.1.1", action="failed", said="550 5.1.1 User unknown"):
    return (
        f"Final-Recipient: rfc822; {address}\nAction: {action}\nStatus: {status}\n"
        f"Diagnostic-Code: smtp; {said}\n"
    )


class Prose(NamedTuple):
    """What a mail system writes before the message it returns, and its headers."""

    text: str
    fields: dict


# Of systems that send no fields.
PROSE = {
    "qmail": Prose(
        "Hi. This is the qmail-send program at mx.example.\n"
        "I'm afraid I wasn't able to deliver your message to the following addresses.\n"
        "This is a permanent error; I've given up. Sorry it didn't work out.\n\n"
        "<lan@customer.example>:\n"
        "192.0.2.1 does not like recipient.\n"
        "Remote host said: 550 5.1.1 User unknown\n\n"
        "--- Below this line is a copy of the message.\n\n",
        {"subject": "failure notice"},
    ),
    "exim": Prose(
        "This message was created automatically by mail delivery software.\n\n"
        "A message that you sent could not be delivered to one or more of its\n"
        "recipients. This is a permanent error. The following address(es) failed:\n\n"
        "  lan@customer.example\n"
        "    host mx.customer.example [192.0.2.1]: 550 5.1.1 User unknown\n\n"
        "------ This is a copy of the message, including all the headers. ------\n\n",
        {"subject": "Mail delivery failed: returning message to sender"},
    ),
    "postfix": Prose(
        "This is the mail system at host mx.example.\n\n"
        "I'm sorry to have to inform you that your message could not\n"
        "be delivered to one or more recipients.\n\n"
        "For further assistance, please send mail to <postmaster@mx.example>\n\n"
        "<lan@customer.example>: host mx.customer.example[192.0.2.1] said: 550 5.1.1\n"
        "    User unknown (in reply to RCPT TO command)\n\n",
        {},
    ),
    "sendmail": Prose(
        "The original message was received at Mon, 2 Nov 2026 08:00:00 +0700\n"
        "from office.own.test [192.0.2.7]\n\n"
        "   ----- The following addresses had permanent fatal errors -----\n"
        "<lan@customer.example>\n\n"
        "   ----- Transcript of session follows -----\n"
        "550 5.1.1 <lan@customer.example>... User unknown\n\n"
        "   ----- Unsent message follows -----\n",
        {"subject": "Returned mail: User unknown"},
    ),
    "exchange": Prose(
        "Your message did not reach some or all of the intended recipients.\n\n"
        "      Subject:\tOffer\n"
        "      Sent:\t11/2/2026 8:00 AM\n\n"
        "The following recipient(s) could not be reached:\n\n"
        "      lan@customer.example on 11/2/2026 8:00 AM\n"
        "            The e-mail account does not exist.\n"
        "            <mx.example #5.1.1>\n\n",
        {
            "sender": "System Administrator <postmaster@mx.example>",
            "subject": "Undeliverable: Offer",
        },
    ),
    "office365": Prose(
        "Delivery has failed to these recipients or groups:\n\n"
        "lan@customer.example<mailto:lan@customer.example>\n"
        "The email address you entered couldn't be found.\n\n"
        "Remote Server returned '550 5.1.1 RESOLVER.ADR.RecipNotFound; not found'\n\n"
        "Original message headers:\n\n",
        {"sender": "postmaster@mx.example", "subject": "Undeliverable: Offer"},
    ),
    "gmail": Prose(
        "Delivery to the following recipient failed permanently:\n\n"
        "     lan@customer.example\n\n"
        "Technical details of permanent failure:\n"
        "The error that the other server returned was:\n"
        "550 5.1.1 <lan@customer.example>... User Unknown\n\n"
        "----- Original message -----\n\n",
        {
            "sender": "Mail Delivery Subsystem <mailer-daemon@mx.example>",
            "subject": "Delivery Status Notification (Failure)",
        },
    ),
    "domino": Prose(
        "------- Failure Reasons  --------\n\n"
        "User lan not listed in Domino Directory; 5.1.1\n"
        "lan@customer.example\n\n"
        "------- Returned Message --------\n",
        {"sender": "postmaster@mx.example", "subject": "DELIVERY FAILURE: User lan"},
    ),
    "kddi": Prose(
        "Each of the following recipients was rejected by a remote mail server.\n\n"
        "    Recipient: <lan@customer.example>\n"
        "    >>> RCPT TO:<lan@customer.example>\n"
        "    <<< 550 5.1.1 <lan@customer.example>: User unknown\n\n",
        {
            "sender": "Postmaster@mx.example",
            "subject": "Mail System Error - Returned Mail",
        },
    ),
    "gmx": Prose(
        "A message that you sent could not be delivered to one or more of\n"
        "its recipients. This is a permanent error. The following address\nfailed:\n\n"
        '"lan@customer.example":\n'
        "SMTP error from remote server after RCPT command:\n"
        "5.1.1 <lan@customer.example>... User unknown\n\n"
        "--- The header of the original message is following. ---\n\n",
        {"subject": "Mail delivery failed: returning message to sender"},
    ),
    "opensmtpd": Prose(
        "    Hi!\n\n"
        "    An error has occurred while attempting to deliver a message for\n"
        "    the following list of recipients:\n\n"
        "lan@customer.example: 550 5.1.1 User unknown\n\n"
        "    Below is a copy of the original message:\n\n",
        {"subject": "Delivery status notification: error"},
    ),
    "mfilter, in Japanese": Prose(
        "このメールは送信できませんでした。\n\n"
        "以下のメールアドレスへの送信に失敗しました。\nlan@customer.example\n\n"
        "-------server message\n550 5.1.1 User unknown\n\n"
        "-------original mail info\n",
        {"sender": "<>", "subject": "failure notice", "Return_Path": "<>"},
    ),
    "in Vietnamese": Prose(
        "Thư của bạn không gửi được đến người nhận sau:\n\n"
        "lan@customer.example\n550 5.1.1 User unknown\n\n"
        "------ This is a copy of your message ------\n\n",
        {"subject": "Thư không gửi được", "Return_Path": "<>"},
    ),
}

ADDRESSES = st.from_regex(r"[a-z]{1,10}@[a-z]{1,10}\.example", fullmatch=True)
WORDS = st.lists(st.sampled_from(("giá", "máy", "in", "xanh", "offer", "ngày", "12")))


@tagged("mail_catchall_router", "post_install", "-at_install")
class BounceCase(BaseCase):
    def read_one(self, raw):
        bounce = bounces.read_bounce(raw)
        self.assertIsNotNone(bounce)
        return bounce

    def assertRecipients(self, raw, *addresses):
        found = tuple(one.address for one in self.read_one(raw).recipients)
        self.assertEqual(found, addresses)

    def assertNoBounce(self, raw):
        self.assertIsNone(bounces.read_bounce(raw))


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestReports(BounceCase):
    """Reports with the fields of RFC 3464."""

    def test_failure(self):
        bounce = self.read_one(report(failed("lan@customer.example")))
        recipient = bounces.FailedRecipient(
            "lan@customer.example", "5.1.1", "550 5.1.1 User unknown"
        )
        self.assertEqual(bounce.recipients, (recipient,))
        self.assertEqual(bounce.action, "failed")
        self.assertTrue(bounce.hard)
        self.assertEqual(bounce.original_message_ids, ("<offer-1@own.test>",))
        self.assertEqual(
            bounce.original_references,
            ("<first@customer.example>", "<second@own.test>"),
        )
        self.assertIn("status_part", [one.code for one in bounce.evidence])

    def test_several_recipients(self):
        groups = failed("a@customer.example") + "\n" + failed("b@customer.example")
        self.assertRecipients(
            report(groups), "a@customer.example", "b@customer.example"
        )

    def test_the_address_we_wrote_to(self):
        fields = "Original-Recipient: rfc822;lan@customer.example\n"
        fields += failed("box17@forwarded.example")
        self.assertRecipients(report(fields), "lan@customer.example")

    def test_delay_is_no_failure(self):
        fields = failed("lan@customer.example", "4.4.1", "delayed", "timed out")
        bounce = self.read_one(
            report(fields, subject="Delayed Mail (still being retried)")
        )
        self.assertEqual(bounce.action, "delayed")
        self.assertFalse(bounce.hard)
        self.assertEqual(bounce.recipients[0].address, "lan@customer.example")

    def test_success(self):
        for action, expected in (
            ("delivered", "delivered"),
            ("relayed", "relayed"),
            ("expanded (to 3)", "delivered"),
        ):
            fields = failed("lan@customer.example", "2.0.0", action, "250 ok")
            with self.subTest(action=action):
                self.assertEqual(self.read_one(report(fields)).action, expected)

    def test_the_gravest_action_and_whom_it_met(self):
        groups = failed("a@customer.example", "4.4.1", "delayed", "timed out") + "\n"
        groups += failed("b@customer.example")
        bounce = self.read_one(report(groups))
        self.assertEqual(bounce.action, "failed")
        self.assertEqual(
            [one.address for one in bounce.recipients], ["b@customer.example"]
        )

    def test_action_missing(self):
        fields = "Final-Recipient: rfc822; lan@customer.example\nStatus: 4.4.1\n"
        self.assertEqual(self.read_one(report(fields)).action, "delayed")

    def test_general_status_yields_to_the_servers(self):
        fields = failed("lan@customer.example", "5.0.0", said="550 5.2.2 Over quota")
        bounce = self.read_one(report(fields))
        self.assertEqual(bounce.recipients[0].status, "5.2.2")

    def test_hard_is_a_dead_address(self):
        for hard, status, said in (
            (True, "5.1.1", "550 5.1.1 sorry"),
            (True, "5.1.2", "no such domain"),
            (True, "5.7.1", "550 User unknown"),
            (True, "5.4.1", "550 5.4.1 Recipient address rejected: Access denied"),
            (False, "5.2.2", "552 Mailbox full"),
            (False, "5.7.1", "550 Rejected as spam"),
            (False, "5.3.4", "552 Message too large"),
            (False, "4.4.7", "Delivery time expired"),
            (False, "5.0.0", "554 Transaction failed"),
        ):
            fields = failed("lan@customer.example", status, said=said)
            with self.subTest(status=status, said=said):
                self.assertEqual(self.read_one(report(fields)).hard, hard)

    def test_report_inside_a_gateways_mail(self):
        inner = report(failed("lan@customer.example")).decode()
        body = (
            f"--o\nContent-Type: message/rfc822\n\n{inner}\n"
            "--o\nContent-Type: text/plain\n\nThis e-mail is confidential.\n--o--\n"
        )
        raw = mail(body, Content_Type="multipart/mixed; boundary=o")
        self.assertRecipients(raw, "lan@customer.example")

    def test_fields_without_their_part(self):
        text = f"Technical report:\n\n{failed('lan@customer.example')}"
        self.assertRecipients(mail(text), "lan@customer.example")

    def test_headers_only_are_returned(self):
        raw = report(failed("lan@customer.example"))
        raw = raw.replace(b"message/rfc822", b"text/rfc822-headers")
        self.assertEqual(
            self.read_one(raw).original_message_ids, ("<offer-1@own.test>",)
        )

    def test_line_ends(self):
        raw = report(failed("lan@customer.example"))
        expected = self.read_one(raw).recipients
        self.assertEqual(
            self.read_one(raw.replace(b"\n", b"\r\n")).recipients, expected
        )
        self.assertEqual(self.read_one(raw.replace(b"\n", b"\r")).recipients, expected)

    def test_parts_lost(self):
        raw = report(failed("lan@customer.example")).replace(b"--b\n", b"")
        self.assertRecipients(raw, "lan@customer.example")


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestProse(BounceCase):
    """Bounces of systems that write text only."""

    def test_systems(self):
        for system, (text, fields) in PROSE.items():
            with self.subTest(system=system):
                bounce = self.read_one(mail(text + ORIGINAL, **fields))
                found = [one.address for one in bounce.recipients]
                self.assertEqual(found, ["lan@customer.example"])
                self.assertEqual(bounce.action, "failed")
                self.assertTrue(bounce.hard)
                self.assertEqual(bounce.original_message_ids, ("<offer-1@own.test>",))
                self.assertEqual(bounce.recipients[0].status, "5.1.1")

    def test_html(self):
        text = (
            "<p>I wasn't able to deliver your message to the following addresses.</p>"
            "<p>lan@customer.example<br>No such user<br>"
        )
        self.assertRecipients(
            mail(text, Content_Type="text/html"), "lan@customer.example"
        )

    def test_header_names_the_recipient(self):
        raw = mail("It failed.", X_Failed_Recipients="a@customer.example, b@x.example")
        self.assertRecipients(raw, "a@customer.example", "b@x.example")

    def test_alias_expanded_by_the_server(self):
        text = (
            "The following address(es) failed:\n\n  box17@forwarded.example\n"
            "    (generated from lan@customer.example)\n    mailbox is full\n"
        )
        self.assertRecipients(mail(text), "lan@customer.example")

    def test_our_own_addresses_are_not_recipients(self):
        text = "Sorry an@own.test. We could not deliver to:\n\nlan@customer.example\n"
        self.assertRecipients(mail(text), "lan@customer.example")

    def test_a_helper_is_not_a_recipient(self):
        text = "Your mail was not delivered. Please contact help@mx.example\n"
        raw = mail(f"{text}\n----- Original message -----\n\n{ORIGINAL}")
        self.assertRecipients(raw, "lan@customer.example")

    def test_return_address_names_the_recipient(self):
        raw = mail("Your message could not be delivered.").replace(
            b"To: an@own.test", b"To: bounce+lan=customer.example@own.test"
        )
        self.assertRecipients(raw, "lan@customer.example")

    def test_delays(self):
        for subject, text in (
            ("Warning: could not send message for past 4 hours", "Will be retried."),
            ("Delayed Mail (still being retried)", "THIS IS A WARNING MESSAGE ONLY."),
            ("Message delayed 2 days", "No action is required on your part."),
        ):
            text = f"{text}\nIt could not be delivered to:\n\nlan@customer.example\n"
            with self.subTest(subject=subject):
                bounce = self.read_one(mail(text, subject=subject))
                self.assertEqual(bounce.action, "delayed")
                self.assertFalse(bounce.hard)

    def test_given_up_after_delays(self):
        text = "It was delayed and will be retried no more: I've given up.\n"
        self.assertEqual(self.read_one(mail(text)).action, "failed")

    def test_message_id_in_prose(self):
        text = (
            "Could not deliver.\nMessage-ID: <offer-1@own.test>\n<a@customer.example>:"
        )
        self.assertEqual(
            self.read_one(mail(text)).original_message_ids, ("<offer-1@own.test>",)
        )

    def test_message_id_of_the_thread(self):
        raw = mail("Could not deliver.", In_Reply_To="<offer-1@own.test>")
        self.assertEqual(
            self.read_one(raw).original_message_ids, ("<offer-1@own.test>",)
        )

    def test_the_reports_own_id_is_not_the_originals(self):
        raw = mail("Could not deliver.\nMessage-ID: <report@mx.example>\n")
        self.assertEqual(self.read_one(raw).original_message_ids, ())

    def test_event_of_amazon_ses(self):
        text = (
            '{"Message" : "{\\"notificationType\\":\\"Bounce\\",\\"bounce\\":{'
            '\\"bouncedRecipients\\":[{\\"emailAddress\\":\\"lan@customer.example\\"}]}}"}'
        )
        sender = "no-reply@sns.amazonaws.com"
        raw = mail(text, sender=sender, subject="AWS Notification Message")
        self.assertRecipients(raw, "lan@customer.example")
        self.assertNoBounce(raw.replace(b"Bounce", b"Complaint"))

    def test_refusal_of_a_sieve_script(self):
        kind = "multipart/report; report-type=disposition-notification; boundary=b"
        said = "Disposition: automatic-action/MDN-sent-automatically; deleted\n"
        body = (
            "--b\n\nYour message to <lan@customer.example> was rejected: go away\n"
            "--b\nContent-Type: message/disposition-notification\n\n"
            f"Final-Recipient: rfc822; lan@customer.example\n{said}--b--\n"
        )
        raw = mail(body, subject="Automatically rejected mail", Content_Type=kind)
        self.assertRecipients(raw, "lan@customer.example")
        self.assertEqual(self.read_one(raw).action, "failed")


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestNoBounce(BounceCase):
    """Mail that only looks like a bounce."""

    person = {"sender": "Lan <lan@customer.example>", "subject": "Offer"}

    def complaint(self, sender, **more):
        """Return what reads like a report, from this sender."""
        text = (
            "The following recipient got nothing: lan@customer.example\n"
            "550 5.1.1 says your parcel service.\n"
        )
        subject = "Delivery problem with order 512: it was not delivered"
        return bounces.read_bounce(mail(text, sender=sender, subject=subject, **more))

    def test_words_of_a_person_with_a_sender_in_the_envelope_are_no_report(self):
        for returned in ("<lan@customer.example>", "<lan+x@CUSTOMER.example>"):
            found = self.complaint("Lan <lan@customer.example>", Return_Path=returned)
            self.assertIsNone(found)

    def test_words_that_came_by_a_list_or_a_forwarder_are_no_report(self):
        text = "It could not be delivered again: the delivery failed, says DHL.\n"
        for returned in (
            "<srs0=4f=xy=customer.example=lan@relay.example>",
            "<bounces+12-sales=own.test@esp.example>",
            "<talk-bounces@lists.example>",
        ):
            raw = mail(
                text,
                sender="Lan <lan@customer.example>",
                subject="Delivery failed: order 512",
                Return_Path=returned,
            )
            with self.subTest(returned=returned):
                self.assertNoBounce(raw)

    def test_words_without_the_mark_of_a_machine_are_no_certain_report(self):
        for sender, returned in (
            ("Lan <lan@customer.example>", "<srs0=lan@relay.example>"),
            ("Postmaster <postmaster@customer.example>", "<an@elsewhere.example>"),
        ):
            with self.subTest(sender=sender):
                found = self.complaint(sender, Return_Path=returned)
                self.assertFalse(getattr(found, "certain", False))
        self.assertTrue(self.complaint(DAEMON).certain)

    def test_who_quotes_an_event_has_not_sent_it(self):
        text = '"notificationType": "Bounce", "emailAddress": "lan@customer.example"\n'
        raw = mail(text, sender="Lan <l@customer.example>", subject="Delivery failed")
        self.assertFalse(getattr(bounces.read_bounce(raw), "certain", False))

    def test_person(self):
        self.assertNoBounce(mail("Xin chào", **self.person))

    def test_nothing(self):
        for raw in (b"", b"\n", b"\r", b"\0", b"From: a@b.example"):
            self.assertNoBounce(raw)

    def test_a_person_who_quotes_a_bounce(self):
        text, _fields = PROSE["exim"]
        quoted = "I got this:\n\n" + text + ORIGINAL
        self.assertNoBounce(mail(quoted, **self.person))
        reply = {**self.person, "subject": "Re: Mail delivery failed: returning"}
        self.assertNoBounce(mail(quoted, **reply))

    def test_a_person_who_encloses_a_bounce(self):
        inner = report(failed("lan@customer.example")).decode()
        body = (
            f"--o\n\nWhat is this?\n--o\nContent-Type: message/rfc822\n\n{inner}--o--\n"
        )
        kind = "multipart/mixed; boundary=o"
        self.assertNoBounce(mail(body, Content_Type=kind, **self.person))

    def test_a_parcel_that_was_not_delivered(self):
        text = "Your parcel could not be delivered to the following address: 1 Oak Rd"
        sender = "Parcels <service@parcels.example>"
        raw = mail(text, sender=sender, subject="Delivery failed", Return_Path="<>")
        self.assertNoBounce(raw)

    def test_absence_note(self):
        text = "I am away. Mail that can't wait: it could not be delivered to me.\n"
        note = {**self.person, "subject": "Out of office: Offer"}
        self.assertNoBounce(mail(text, Return_Path="<>", **note))
        note["Auto_Submitted"] = "auto-replied"
        self.assertNoBounce(mail(text, Return_Path="<>", **note))

    def test_abuse_report(self):
        kind = "multipart/report; report-type=feedback-report; boundary=b"
        body = "--b\n\nThis is an abuse report\n--b\nContent-Type: message/rfc822\n\n"
        raw = mail(body + ORIGINAL + "--b--\n", subject="FW: Offer", Content_Type=kind)
        self.assertNoBounce(raw)

    def test_receipts_of_reading(self):
        kind = "multipart/report; report-type=disposition-notification; boundary=b"
        for said in ("displayed", "deleted"):
            body = (
                "--b\n\nYour message was read on Monday.\n"
                "--b\nContent-Type: message/disposition-notification\n\n"
                "Final-Recipient: rfc822; lan@customer.example\n"
                f"Disposition: manual-action/MDN-sent-manually; {said}\n--b--\n"
            )
            receipt = {**self.person, "subject": "Read: Offer", "Return_Path": "<>"}
            with self.subTest(said=said):
                self.assertNoBounce(mail(body, Content_Type=kind, **receipt))

    def test_postmaster_who_writes(self):
        raw = mail("Please renew your certificate.", sender="postmaster@mx.example")
        raw = raw.replace(b"Undelivered Mail Returned to Sender", b"Certificate")
        self.assertNoBounce(raw)

    def test_a_postmaster_under_the_own_name_writes_about_deliveries(self):
        text = (
            "Hello, your invoice mails could not be delivered to us, our filter says "
            "550 5.7.1 SPF fail. Please send invoice 77 again.\n\nRegards, Tuan\n"
        )
        for name in ("System Administrator", "Postmaster", "Tuan (Mail Administrator)"):
            for address in ("postmaster@mx.example", "mailadmin@mx.example"):
                raw = mail(
                    text,
                    sender=f"{name} <{address}>",
                    subject="Delivery failed: your mails to us are rejected",
                    Return_Path=f"<{address}>",
                )
                with self.subTest(name=name, address=address):
                    self.assertNoBounce(raw)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestVerp(BaseCase):
    def test_recipient(self):
        for address, expected in (
            ("bounces+lan=customer.example@own.test", "lan@customer.example"),
            ("bounce-lan=customer.example@own.test", "lan@customer.example"),
            ("talk-bounces-l.n=customer.example@own.test", "l.n@customer.example"),
            ("bounces+a=b=customer.example@own.test", "a=b@customer.example"),
            ("an@own.test", ""),
            ("bounces@own.test", ""),
            ("bounces+17@own.test", ""),
            ("a=b@own.test", ""),
            ("srs0=xyz=tt=customer.example=lan@relay.example", ""),
            ("prvs=1234=lan@customer.example", ""),
            ("", ""),
        ):
            with self.subTest(address=address):
                self.assertEqual(verp_recipient(address), expected)

    def test_prefix(self):
        address = "reply-lan-x=customer.example@own.test"
        self.assertEqual(verp_recipient(address, "reply"), "lan-x@customer.example")
        self.assertEqual(verp_recipient(address, "bounce"), "")

    @given(address=ADDRESSES)
    def test_round_trip(self, address):
        returned = f"bounces+{address.replace('@', '=')}@own.test"
        self.assertEqual(verp_recipient(returned), address)

    @given(text=st.text(max_size=200))
    def test_any_text(self, text):
        verp_recipient(text)
        verp_recipient(text, "bounces")


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestHostileInput(BounceCase):
    """Whatever comes in is read, in time that grows with its length only."""

    patterns = (
        (b"a@", b"<", b" ", b"\n", b" \n", b"--b\n", b"(", b'"', b"\\", b"x", b"\0")
        + (b"a@b.example\n", b"a@b.example ", b"Received: x\n", b"Message-ID: <a@b>\n")
        + (b"Final-Recipient: rfc822;a@b.example\n\n", b"rcpt to ", b"550 5.1.1 ")
        + (b"the original message ", b"user is ", b"<br", b"(expanded from: ")
        + (b"following recipients:\n a@b.example\n", b"=?utf-8?q?", b"\xff")
    )
    kinds = (
        "text/plain",
        "text/html",
        "message/delivery-status",
        "multipart/report; report-type=delivery-status; boundary=b",
    )

    def test_long_repetitions(self):
        for pattern in self.patterns:
            for kind in self.kinds:
                raw = mail("--b\n", Content_Type=kind)
                raw += pattern * (2_000_000 // len(pattern))
                started = time.monotonic()
                bounces.read_bounce(raw)
                with self.subTest(pattern=pattern, kind=kind):
                    self.assertLess(time.monotonic() - started, 10)

    def test_deep_nesting(self):
        for opening in (
            "Content-Type: multipart/mixed; boundary=b%(at)d\n\n--b%(at)d\n",
            "Content-Type: message/rfc822\n\n",
        ):
            text = "".join(opening % {"at": at} for at in range(2000))
            raw = mail("").rstrip(b"\n") + b"\n" + text.encode()
            bounces.read_bounce(raw)

    def test_results_are_bounded(self):
        groups = "\n".join(failed(f"a{at}@customer.example") for at in range(3000))
        bounce = self.read_one(report(groups))
        self.assertLessEqual(len(bounce.recipients), 100)
        self.assertTrue(all(len(one.diagnostic) <= 500 for one in bounce.recipients))

    @given(raw=st.binary(max_size=3000))
    def test_any_bytes(self, raw):
        bounces.read_bounce(raw)

    @given(body=st.binary(max_size=3000), kind=st.sampled_from(kinds))
    @settings(deadline=None)
    def test_any_body(self, body, kind):
        bounces.read_bounce(mail("--b\n", Content_Type=kind) + body)

    @given(cuts=st.lists(st.integers(0, 1200), max_size=4), noise=st.binary(max_size=9))
    @settings(deadline=None)
    def test_damaged_reports(self, cuts, noise):
        raw = report(failed("lan@customer.example"))
        for cut in cuts:
            raw = raw[:cut] + noise + raw[cut + 3 :]
        bounces.read_bounce(raw)

    @given(sender=ADDRESSES, subject=WORDS, body=WORDS, name=WORDS)
    def test_people_write_no_bounces(self, sender, subject, body, name):
        sender = f'"{" ".join(name)}" <{sender}>'
        self.assertNoBounce(
            mail(" ".join(body), sender=sender, subject=" ".join(subject))
        )
