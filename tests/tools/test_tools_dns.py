import struct
import time

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.servers import dns

from .. import name_server
from ..name_server import QR, RD, TC
from ..strategies import given, quick, st

NAME = "company.example"
QUERY = dns.build_query(4711, NAME, "MX")
# Points to the name in the question, right behind the header.
OWNER = b"\xc0\x0c"
LABELS = st.from_regex(r"[a-z0-9_-]{1,63}", fullmatch=True)
NAMES = st.lists(LABELS, min_size=1, max_size=4).map(".".join)


def answer(*records, flags=QR | RD):
    return name_server.answer(QUERY, *records, flags=flags)


def mx(priority, host, owner=OWNER):
    return name_server.record(owner, 15, name_server.mx(priority, host))


def hosts(data):
    return [record.host for record in dns.read_answer(data, QUERY)]


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestDnsAnswer(BaseCase):
    """What is read of the bytes that a name server answers."""

    def test_the_preferred_server_comes_first(self):
        data = answer(mx(20, "mx2.company.example"), mx(5, "MX1.company.example"))
        self.assertEqual(hosts(data), ["mx1.company.example", "mx2.company.example"])

    def test_a_service_has_its_port(self):
        query = dns.build_query(1, f"_imaps._tcp.{NAME}", "SRV")
        data = name_server.srv(0, 1, 1993, "imap.company.example")
        (found,) = dns.read_answer(
            name_server.answer(query, name_server.record(OWNER, 33, data)), query
        )
        self.assertEqual(found, dns.Record("imap.company.example", 0, 1, 1993))

    def test_a_domain_that_takes_no_mail_has_no_server(self):
        # RFC 7505, and RFC 2782 for a service that is not there.
        self.assertEqual(hosts(answer(mx(0, ""))), [])

    def test_an_alias_is_followed(self):
        target = name_server.label_name("other.example")
        alias = name_server.record(OWNER, 5, target)
        data = answer(alias, mx(1, "mx.other.example", owner=target))
        self.assertEqual(hosts(data), ["mx.other.example"])

    def test_a_record_of_another_name_is_left_out(self):
        stranger = name_server.label_name("attacker.example")
        data = answer(mx(1, "mx.attacker.example", owner=stranger))
        self.assertEqual(hosts(data), [])

    def test_another_kind_of_record_is_left_out(self):
        data = answer(name_server.record(OWNER, 1, b"\x7f\0\0\1"))
        self.assertEqual(hosts(data), [])

    def test_a_name_that_does_not_exist_has_no_server(self):
        self.assertEqual(hosts(answer(flags=QR | 3)), [])

    def test_a_failure_of_the_name_server_is_no_answer(self):
        with self.assertRaises(dns.DnsError):
            hosts(answer(flags=QR | 2))

    # ------------------------------------------------------------
    # ANOTHER ANSWER
    # ------------------------------------------------------------

    def test_only_the_answer_to_this_question_counts(self):
        good = answer(mx(1, "mx.company.example"))
        other = dns.build_query(4711, "company.test", "MX")
        for wrong in (
            b"\0\0" + good[2:],
            QUERY,
            name_server.answer(other, mx(1, "mx.company.example")),
            name_server.answer(dns.build_query(4711, NAME, "SRV")),
            good[:4] + b"\0\2" + good[6:],
            good[:11],
        ):
            self.assertFalse(dns.is_answer(wrong, QUERY), wrong)
            with self.assertRaises(dns.DnsError):
                dns.read_answer(wrong, QUERY)
        self.assertTrue(dns.is_answer(good, QUERY))

    def test_a_question_in_other_letters_is_the_same(self):
        data = answer(mx(1, "mx.company.example"))
        self.assertEqual(
            hosts(data[:12] + data[12 : len(QUERY)].upper()[:17] + data[29:]),
            ["mx.company.example"],
        )

    # ------------------------------------------------------------
    # HOSTILE
    # ------------------------------------------------------------

    def test_names_that_point_in_circles_are_refused(self):
        offset = len(QUERY) + 12
        for name in (
            struct.pack(">H", 0xC000 | offset + 2),
            b"\x01a" + struct.pack(">H", 0xC000 | offset + 2),
            struct.pack(">H", 0xC000 | offset + 4) + struct.pack(">H", 0xC000 | offset),
            b"\xff\xff",
            b"\x80",
        ):
            data = answer(name_server.record(OWNER, 15, b"\0\1" + name))
            with self.assertRaises(dns.DnsError):
                hosts(data)

    def test_a_name_without_an_end_is_refused(self):
        long_name = b"\x3f" + b"a" * 63
        data = answer(name_server.record(OWNER, 15, b"\0\1" + long_name * 5 + b"\0"))
        with self.assertRaises(dns.DnsError):
            hosts(data)

    def test_a_label_that_looks_like_a_name_is_refused(self):
        fake = b"\x0egood.example.x\0"
        with self.assertRaises(dns.DnsError):
            hosts(answer(name_server.record(OWNER, 15, b"\0\1" + fake)))

    def test_of_a_huge_answer_a_part_is_read(self):
        many = [mx(number, f"mx{number}.company.example") for number in range(1000)]
        self.assertEqual(len(hosts(answer(*many))), dns.MAX_RECORDS)

    @given(st.binary(max_size=200))
    @quick
    def test_no_bytes_raise_anything_unexpected(self, data):
        for one in (data, QUERY[:2] + data, answer() + data, answer(data, data)):
            try:
                records = dns.read_answer(one, QUERY)
            except dns.DnsError:
                continue
            self.assertLessEqual(len(records), dns.MAX_RECORDS)

    @given(st.data())
    @quick
    def test_a_damaged_answer_raises_nothing_unexpected(self, data):
        good = bytearray(answer(mx(1, "a.company.example"), mx(2, "b.company.example")))
        for _number in range(data.draw(st.integers(1, 4))):
            place = data.draw(st.integers(0, len(good) - 1))
            good[place] = data.draw(st.integers(0, 255))
        try:
            dns.read_answer(bytes(good[: data.draw(st.integers(0, len(good)))]), QUERY)
        except dns.DnsError:
            return

    @given(NAMES)
    @quick
    def test_a_name_is_read_as_it_was_written(self, name):
        encoded = dns.encode_name(name)
        self.assertEqual(dns.read_name(encoded, 0), (name, len(encoded)))

    def test_a_name_in_another_script_is_asked_for_in_its_own_way(self):
        self.assertEqual(
            dns.read_name(dns.encode_name("Bücher.example."), 0)[0],
            "xn--bcher-kva.example",
        )

    @given(st.text(max_size=300))
    @quick
    def test_no_name_raises_anything_unexpected(self, name):
        try:
            self.assertLessEqual(len(dns.encode_name(name)), 255)
        except dns.DnsError:
            return


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestDnsAsk(BaseCase):
    """Asking name servers, whatever they do."""

    def test_the_name_servers_of_the_machine_are_read(self):
        text = "# nameserver 192.0.2.9\nsearch x\nnameserver 192.0.2.1\n"
        text += "nameserver nobody\nnameserver 2001:db8::1\nnameserver 192.0.2.3\n"
        self.assertEqual(
            dns.nameservers(text + "nameserver 192.0.2.4"),
            (("192.0.2.1", 53), ("2001:db8::1", 53), ("192.0.2.3", 53)),
        )
        self.assertEqual(dns.nameservers(""), (("127.0.0.1", 53),))

    def ask(self, datagrams, stream=None, **options):
        with name_server.serve(datagrams, stream or (lambda _query: b"")) as server:
            records = dns.ask(NAME, "MX", [server], **options)
        return [record.host for record in records]

    def answer(self, query, **options):
        return name_server.answer(query, mx(1, "mx.company.example"), **options)

    def test_a_name_server_answers(self):
        self.assertEqual(
            self.ask(lambda query: [self.answer(query)]), ["mx.company.example"]
        )

    def test_what_answers_another_question_is_passed_over(self):
        def datagrams(query):
            stranger = dns.build_query(1, "attacker.example", "MX")
            yield b"\0"
            yield self.answer(stranger)
            yield self.answer(bytes([query[0] ^ 1]) + query[1:])
            yield self.answer(query)

        self.assertEqual(self.ask(datagrams), ["mx.company.example"])

    def test_a_flood_of_answers_has_an_end(self):
        self.assertEqual(self.ask(lambda _query: [b"\0"] * 80, seconds=5), [])

    def test_a_truncated_answer_is_asked_for_again(self):
        def stream(query):
            whole = self.answer(query)
            return struct.pack(">H", len(whole)) + whole

        found = self.ask(
            lambda query: [name_server.answer(query, flags=QR | TC)], stream
        )
        self.assertEqual(found, ["mx.company.example"])

    def test_a_stream_that_ends_early_is_no_answer(self):
        found = self.ask(
            lambda query: [name_server.answer(query, flags=QR | TC)],
            lambda _query: b"\xff\xffxx",
            seconds=2,
        )
        self.assertEqual(found, [])

    def test_a_silent_name_server_costs_no_more_than_was_allowed(self):
        before = time.monotonic()
        self.assertEqual(self.ask(lambda _query: [], seconds=0.3), [])
        self.assertLess(time.monotonic() - before, 5)

    def test_the_next_name_server_is_asked(self):
        with (
            name_server.serve(lambda query: [answer(flags=QR | 2)]) as broken,
            name_server.serve(lambda query: [self.answer(query)]) as working,
        ):
            records = dns.ask(NAME, "MX", [broken, working], seconds=10)
        self.assertEqual([record.host for record in records], ["mx.company.example"])

    def test_a_name_that_cannot_be_is_not_asked_for(self):
        self.assertEqual(dns.ask("a..b", "MX", [("127.0.0.1", 1)]), ())

    def test_the_strings_of_a_text_are_one(self):
        def datagrams(query):
            strings = b"\x09v=spf1 in\x07clude:x"
            yield name_server.answer(
                query,
                name_server.record(OWNER, 16, strings),
                name_server.record(OWNER, 16, b"\2\xc3\xa9"),
                name_server.record(OWNER, 15, name_server.mx(1, "mx.example")),
            )

        with name_server.serve(datagrams) as server:
            found = dns.ask_texts(NAME, [server])
        self.assertEqual(found, ("v=spf1 include:x", "é"))

    def test_no_text_is_another_thing_than_no_answer(self):
        for flags, expected in ((QR | RD, ()), (QR | 3, ()), (QR | 2, None)):
            with name_server.serve(
                lambda query, flags=flags: [name_server.answer(query, flags=flags)]
            ) as server:
                self.assertEqual(dns.ask_texts(NAME, [server]), expected)
        self.assertIsNone(dns.ask_texts("a..b", [("127.0.0.1", 1)]))

    def test_a_text_without_its_end_is_no_answer(self):
        with name_server.serve(
            lambda query: [
                name_server.answer(query, name_server.record(OWNER, 16, b"\x09short"))
            ]
        ) as server:
            self.assertIsNone(dns.ask_texts(NAME, [server], seconds=2))


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestDnsAskAll(BaseCase):
    """Many questions at once, with how long the answers hold."""

    RECORDS = {
        ("a.example", 1): (b"\xcb\0\x71\x07", b"\xcb\0\x71\x08"),
        ("a.example", 28): (bytes.fromhex("20010db8") + bytes(11) + b"\7",),
        ("a.example", 15): (name_server.mx(20, "b.test"), name_server.mx(5, "c.test")),
        ("a.example", 16): (b"\3v=s\2pf", b"\1x"),
        ("7.in-addr.arpa", 12): (name_server.label_name("mx.a.example"),),
        ("broken.example", 1): (b"\x7f\0",),
    }

    def answer(self, query):
        name, end = dns.read_name(query, 12)
        if name == "silent.example":
            return []
        (kind,) = struct.unpack_from(">H", query, end)
        records = self.RECORDS.get((name, kind))
        if records is None:
            return [name_server.answer(query, flags=QR | 3)]
        found = (name_server.record(OWNER, kind, data) for data in records)
        return [name_server.answer(query, *found)]

    def ask(self, *questions, seconds=3.0):
        with name_server.serve(self.answer) as server:
            return dns.ask_all(questions, [server], seconds)

    def test_each_kind_as_text(self):
        expected = {
            ("a.example", "A"): ("203.0.113.7", "203.0.113.8"),
            ("a.example", "AAAA"): ("2001:db8::7",),
            ("a.example", "MX"): ("c.test", "b.test"),
            ("a.example", "TXT"): ("x", "v=spf"),
            ("7.in-addr.arpa", "PTR"): ("mx.a.example",),
            ("none.example", "TXT"): (),
        }
        found = self.ask(*expected)
        self.assertEqual(
            {question: set(one.values) for question, one in found.items()},
            {question: set(values) for question, values in expected.items()},
        )
        self.assertEqual(found["a.example", "MX"].values, ("c.test", "b.test"))
        self.assertEqual(found["a.example", "A"].seconds, 60)
        self.assertEqual(found["none.example", "TXT"].seconds, dns.EMPTY_KEPT)

    def test_what_is_not_answered_is_not_known(self):
        broken, silent = ("broken.example", "A"), ("silent.example", "A")
        started = time.monotonic()
        found = self.ask(broken, silent, ("x" * 64, "A"), ("a.example", "A"), seconds=1)
        self.assertLess(time.monotonic() - started, 2)
        self.assertEqual([one and one.seconds for one in found.values()].count(None), 3)
        self.assertEqual(dns.ask_all([silent], []), {silent: None})

    def test_many_questions_take_the_time_of_one(self):
        silent = [(f"{number}.silent.example", "A") for number in range(100)]
        started = time.monotonic()
        with name_server.serve(lambda _query: []) as server:
            found = dns.ask_all(silent, [server], 0.5)
        self.assertLess(time.monotonic() - started, 2)
        self.assertEqual(set(found.values()), {None})
