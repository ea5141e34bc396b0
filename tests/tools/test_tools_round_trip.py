from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.inbound.bounces import (
    Bounce,
    FailedRecipient,
)
from odoo.addons.mail_catchall_router.tools.inbound.recipients import (
    DEFAULT_HEADER_ORDER,
    header_order,
    trusted_trace,
)
from odoo.addons.mail_catchall_router.tools.mail.headers import parse_headers
from odoo.addons.mail_catchall_router.tools.outbound.refusals import KINDS, Refusal
from odoo.addons.mail_catchall_router.tools.servers import folders, imap
from odoo.addons.mail_catchall_router.tools.servers.imap import FolderName
from odoo.addons.mail_catchall_router.tools.watch import round_trip

from ..strategies import given, header_text, mail_bytes, quick, st

PROBE = round_trip.Probe(
    address="probe.abc@own.test",
    author="user@own.test",
    message_id="<token.5ec4e7@own.test>",
    secret="5ec4e7",
)
SENT = (
    "From: User <user@own.test>\nTo: probe.abc@own.test\n"
    "Message-ID: <token.5ec4e7@own.test>\nX-Catchall-Router-Probe: 5ec4e7\n"
)
EDGE = "Received: from odoo.example (odoo.example [192.0.2.9]) by mx.own.test; now\n"
STORE = "Received: from mx.own.test (mx.own.test [192.0.2.1]) by store.own.test; now\n"


def mail(top="", sent=SENT):
    return parse_headers(f"{top}{sent}\n".encode())


def arrival(top=EDGE, sent=SENT, **known):
    return round_trip.read_arrival(mail(top, sent), PROBE, **known)


def codes(top=EDGE, sent=SENT, **known):
    return [one.code for one in round_trip.judge(arrival(top, sent, **known), PROBE)]


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestRecognising(BaseCase):
    """A probe is known by its secret, in one of two places, and by nothing else."""

    def test_one_place_is_enough(self):
        for sent in (
            "Message-ID: <token.5ec4e7@own.test>\n",
            "X-Catchall-Router-Probe: 5ec4e7\nMessage-ID: <replaced@ses.example>\n",
        ):
            with self.subTest(sent=sent):
                self.assertTrue(round_trip.carries(mail(sent=sent), "5ec4e7"))

    def test_no_other_place_counts(self):
        for sent in (
            "Subject: 5ec4e7\n",
            "References: <token.5ec4e7@own.test>\n",
            "In-Reply-To: <token.5ec4e7@own.test>\n",
            "Message-ID: <token.5ec4e7x@own.test>\n",
            "",
        ):
            with self.subTest(sent=sent):
                self.assertFalse(round_trip.carries(mail(sent=sent), "5ec4e7"))

    def test_a_trip_without_a_secret_is_nobodys(self):
        self.assertFalse(round_trip.carries(mail(), ""))

    @quick
    @given(mail_bytes, st.text("0123456789abcdef", min_size=8, max_size=32))
    def test_never_raises_and_finds_nothing_by_chance(self, raw, secret):
        found = round_trip.carries(parse_headers(raw), secret)
        self.assertEqual(found, secret in round_trip.secrets_in(parse_headers(raw)))


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestJudging(BaseCase):
    """What stands in a probe that came back, in findings."""

    def test_a_header_on_top_tells_the_recipient(self):
        for name in (*DEFAULT_HEADER_ORDER, "X-Meant-For"):
            with self.subTest(name=name):
                found = arrival(f"{name}: <probe.abc@own.test>\n{EDGE}")
                self.assertEqual(found.recipient_header, name)

    def test_the_surest_header_is_named(self):
        top = f"X-Odd: probe.abc@own.test\nEnvelope-To: probe.abc@own.test\n{EDGE}"
        self.assertEqual(arrival(top).recipient_header, "Envelope-To")

    def test_the_for_clause_tells_it_last(self):
        edge = EDGE.replace("; now", " for <probe.abc@own.test>; now")
        self.assertEqual(arrival(edge).recipient_header, "Received")
        top = f"X-Odd: probe.abc@own.test\n{edge}"
        self.assertEqual(arrival(top).recipient_header, "X-Odd")

    def test_what_the_sender_wrote_tells_nothing(self):
        self.assertIn("recipient_untold", codes())

    def test_a_header_below_unknown_servers_is_hidden_until_they_are_known(self):
        top = f"{STORE}X-Original-To: probe.abc@own.test\n{EDGE}"
        found = arrival(top)
        self.assertEqual(found.hidden_header, "X-Original-To")
        self.assertEqual(found.hidden_hosts, ("store.own.test", "mx.own.test"))
        self.assertIn("recipient_hidden", codes(top))
        known = arrival(top, own_hosts=frozenset(found.hidden_hosts))
        self.assertEqual(known.recipient_header, "X-Original-To")

    def test_what_was_replaced_is_found(self):
        sent = SENT.replace("user@own.test", "box@own.test").replace("<token", "<other")
        found = codes(sent=sent)
        self.assertIn("author_replaced", found)
        self.assertIn("message_id_replaced", found)

    def test_each_verdict_has_its_finding(self):
        top = (
            f"Authentication-Results: own.test; spf={{}}; dkim={{}}; dmarc={{}}\n{EDGE}"
        )
        for results, expected in (
            ("pass pass pass", {"authentication_passed"}),
            ("softfail fail fail", {"spf_failed", "dkim_failed", "dmarc_failed"}),
            ("pass none none", {"authentication_passed", "authentication_none"}),
            (
                "permerror pass none",
                {"spf_failed", "authentication_passed", "authentication_none"},
            ),
        ):
            with self.subTest(results=results):
                found = set(codes(top.format(*results.split())))
                judged = {one for one in found if one.startswith(("auth", "spf", "d"))}
                self.assertEqual(judged - {"author_kept"}, expected)

    def test_a_verdict_under_an_unknown_name_is_named_and_not_believed(self):
        top = f"Authentication-Results: check.other.test; spf=pass\n{EDGE}"
        found = arrival(top)
        self.assertEqual(found.authserv_id, "check.other.test")
        self.assertFalse(found.verdicts.spf)

    def test_a_filter_that_calls_it_spam_is_heard(self):
        self.assertIn("called_spam", codes(f"X-Spam-Flag: YES\n{EDGE}"))

    def test_every_kind_of_refusal_is_a_problem_with_words(self):
        for kind in KINDS:
            finding = round_trip.judge_refusal(Refusal(kind, 550, "5.1.1", "No"))
            self.assertEqual(finding.state, round_trip.PROBLEM)
            self.assertEqual(finding.details["words"], "550 No")

    def test_a_bounce_speaks_of_the_probe_first(self):
        failed = (
            FailedRecipient("other@own.test", status="5.2.2", diagnostic="Full"),
            FailedRecipient(PROBE.address, status="5.1.1", diagnostic="Nobody"),
        )
        bounce = Bounce((), "failed", True, failed, (), ())
        finding = round_trip.judge_bounce(bounce, PROBE.address)
        self.assertEqual(finding.code, "bounced_unknown")
        self.assertEqual(finding.details["words"], "5.1.1 Nobody")
        silent = Bounce((), "failed", False, (), (), ())
        self.assertEqual(round_trip.judge_bounce(silent, PROBE.address).code, "bounced")

    def test_slow_is_said(self):
        self.assertEqual(round_trip.judge_time(round_trip.SLOW_SECONDS).code, "arrived")
        self.assertEqual(
            round_trip.judge_time(round_trip.SLOW_SECONDS + 1).code, "arrived_late"
        )

    @quick
    @given(mail_bytes)
    def test_never_raises(self, raw):
        found = round_trip.read_arrival(parse_headers(raw), PROBE)
        for finding in round_trip.judge(found, PROBE):
            self.assertIn(
                finding.state,
                (
                    round_trip.GOOD,
                    round_trip.NOTE,
                    round_trip.WARNING,
                    round_trip.PROBLEM,
                ),
            )

    @quick
    @given(
        st.lists(
            st.sampled_from(
                [EDGE, STORE, "X-A: b\n", "X-Original-To: probe.abc@own.test\n"]
            ),
            max_size=6,
        )
    )
    def test_a_recipient_that_is_told_stands_in_the_trusted_trace(self, lines):
        top = "".join(lines)
        found = arrival(top)
        trace = trusted_trace(mail(top))
        names = [one.name for one in trace if PROBE.address in one.value]
        if found.recipient_header:
            self.assertIn(found.recipient_header, names)
        if found.hidden_header:
            hosts = frozenset(found.hidden_hosts)
            self.assertTrue(arrival(top, own_hosts=hosts).recipient_header)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestLearntHeaders(BaseCase):
    """What is learnt of headers comes first, and nothing is lost by it."""

    @quick
    @given(st.lists(header_text, max_size=4))
    def test_what_is_learnt_comes_first_and_nothing_is_lost(self, names):
        order = header_order(names)
        self.assertEqual(
            {one.lower() for one in DEFAULT_HEADER_ORDER} - {o.lower() for o in order},
            set(),
        )
        self.assertEqual(len({one.lower() for one in order}), len(order))
        self.assertFalse({"to", "cc", "from", "received"} & {o.lower() for o in order})

    def test_a_learnt_header_comes_first(self):
        self.assertEqual(header_order(["delivered-to"])[0], "delivered-to")
        self.assertEqual(header_order(["X-Meant-For"])[0], "X-Meant-For")


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestFolders(BaseCase):
    """Which folder is for junk, and where a mail has not arrived."""

    def folder(self, name, *flags):
        return FolderName(name, frozenset(flags))

    def test_marked_folders_count_before_names(self):
        marked, named = self.folder("Müll", "\\junk"), self.folder("Spam")
        self.assertTrue(folders.is_junk(marked, [marked, named]))
        self.assertFalse(folders.is_junk(named, [marked, named]))
        self.assertTrue(folders.is_junk(named, [named]))

    def test_names_in_paths_and_languages(self):
        for name in ("Junk", "INBOX.Spam", "[Gmail]/Spam", "Thư rác", "Junk E-mail"):
            self.assertTrue(folders.is_junk_name(name), name)
        for name in ("INBOX", "Junkyard", "Spam reports"):
            self.assertFalse(folders.is_junk_name(name), name)

    def test_a_mail_in_sent_or_in_all_mail_has_not_arrived(self):
        for folder in (
            self.folder("[Gmail]/All Mail", "\\all"),
            self.folder("X", "\\sent"),
            self.folder("INBOX.Sent"),
            self.folder("Thư đã gửi"),
        ):
            self.assertFalse(folders.may_hold_arrivals(folder), folder)
        self.assertTrue(folders.may_hold_arrivals(self.folder("Archive", "\\archive")))

    @quick
    @given(st.text(st.characters(exclude_categories=("Cs",)), max_size=30))
    def test_a_name_comes_back_from_the_wire_as_it_is(self, name):
        quoted = imap.quote_folder(name).encode()
        line = b'(\\HasNoChildren \\Junk) "/" ' + quoted
        for item in (line, (line.rpartition(b" ")[0] + b" {9}", quoted[1:-1])):
            if isinstance(item, tuple) and (b"\\\\" in quoted or b'\\"' in quoted):
                continue  # a literal has no escapes
            (found,) = imap.list_folders(Listing([item]))
            self.assertEqual(
                found, FolderName(name, frozenset({"\\hasnochildren", "\\junk"}))
            )

    @quick
    @given(st.lists(st.one_of(st.none(), st.binary(max_size=60)), max_size=5))
    def test_listing_never_raises(self, lines):
        imap.list_folders(Listing(lines))

    def test_folders_that_cannot_be_opened_are_left_out(self):
        lines = [b'(\\Noselect) "/" "[Gmail]"', b'() "/" INBOX', b"() NIL Flat"]
        found = imap.list_folders(Listing(lines))
        self.assertEqual([one.name for one in found], ["INBOX", "Flat"])


class Listing:
    """A connection that lists these folders."""

    def __init__(self, lines):
        self.lines = lines
        self.untagged_responses = {}

    def list(self):
        return "OK", self.lines

    def response(self, code):
        return code, [None]
