"""What is taken out of files that hold a mail or parts of one."""

import struct

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.mail import cms
from odoo.addons.mail_catchall_router.tools.mail.calendars import (
    CalendarWords,
    invitation_text,
)
from odoo.addons.mail_catchall_router.tools.mail.tnef import read_tnef

from ..strategies import given, quick, st

INNER = b"Content-Type: text/plain\r\n\r\nSigned order: 15 chairs.\r\n"
SIGNED = "2a864886f70d010702"
ENVELOPED = "2a864886f70d010703"
CALENDAR = """\
BEGIN:VCALENDAR
METHOD:{method}
BEGIN:VTIMEZONE
TZID:Asia/Saigon
END:VTIMEZONE
BEGIN:VEVENT
BEGIN:VALARM
DESCRIPTION:Reminder
END:VALARM
SUMMARY:Visit to the fac
 tory
DTSTART;TZID=Asia/Saigon:20251201T100000
DTEND;TZID=Asia/Saigon:20251201T113000
LOCATION:Bình Dương\\, gate 3
ORGANIZER;CN="Lê, Hoa":mailto:hoa@customer.test
ATTENDEE;PARTSTAT=ACCEPTED;CN=An:MAILTO:an@own.test
DESCRIPTION:Bring the samples\\, please.\\nGate 3.
END:VEVENT
END:VCALENDAR
"""


def element(tag, *parts, indefinite=False):
    """Return a BER element, X.690 8.1."""
    content = b"".join(parts)
    if indefinite:
        return bytes((tag, 0x80)) + content + b"\0\0"
    if len(content) < 0x80:
        return bytes((tag, len(content))) + content
    size = len(content).to_bytes(3, "big")
    return bytes((tag, 0x83)) + size + content


def signed(content, kind=SIGNED, indefinite=False, pieces=1):
    """Return a ContentInfo of SignedData with this content, RFC 5652 5.1."""
    step = -(-len(content) // pieces) or 1
    cut = [content[at : at + step] for at in range(0, len(content), step)]
    octets = element(0x04, content)
    if pieces > 1 or indefinite:
        inner = [element(0x04, one) for one in cut]
        octets = element(0x24, *inner, indefinite=indefinite)
    data = element(0x06, bytes.fromhex("2a864886f70d010701"))
    wrapped = element(0xA0, octets, indefinite=indefinite)
    held = element(0x30, data, wrapped, indefinite=indefinite)
    body = element(
        0x30,
        element(0x02, b"\1"),
        element(0x31, element(0x30, element(0x06, b"\x60\x86"))),
        held,
        indefinite=indefinite,
    )
    return element(
        0x30,
        element(0x06, bytes.fromhex(kind)),
        element(0xA0, body, indefinite=indefinite),
        indefinite=indefinite,
    )


def tnef(files, text=b"", unicode_names=True):
    """Return a winmail.dat with these (name, data), [MS-OXTNEF]."""
    stream = struct.pack("<IH", 0x223E9F78, 1) + attribute(
        0x00069007, struct.pack("<II", 1258, 0)
    )
    if text:
        stream += attribute(0x0002800C, text + b"\0")
    for name, data in files:
        stream += attribute(0x00069002, bytes(14)) + attribute(0x0006800F, data)
        if unicode_names:
            stream += attribute(0x00069005, properties(name))
        else:
            stream += attribute(0x00018010, name.encode("cp1258") + b"\0")
    return stream


def attribute(number, data):
    return struct.pack("<BII", 2, number, len(data)) + data + b"\0\0"


def properties(name):
    """Return the properties of a file: an integer, a named one, and its name."""
    written = name.encode("utf-16-le") + b"\0\0"
    padded = written + bytes(-len(written) % 4)
    own = bytes(16) + struct.pack("<II", 1, 6) + "ab\0".encode("utf-16-le") + bytes(2)
    return (
        struct.pack("<I", 3)
        + struct.pack("<HHI", 0x0003, 0x3705, 1)
        + struct.pack("<HH", 0x0003, 0x8001) + own + struct.pack("<I", 7)
        + struct.pack("<HHII", 0x001F, 0x3707, 1, len(written)) + padded
    )  # fmt: skip


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestSignedContent(BaseCase):
    """The mail inside an opaque signature is found without verifying it."""

    def test_the_signed_mail_is_found(self):
        self.assertEqual(cms.content_of(signed(INNER)), INNER)

    def test_lengths_that_come_last_and_pieces_are_read(self):
        for pieces in (1, 3):
            data = signed(INNER, indefinite=True, pieces=pieces)
            self.assertEqual(cms.content_of(data), INNER)

    def test_what_is_encrypted_holds_nothing_to_read(self):
        data = signed(INNER, kind=ENVELOPED)
        self.assertEqual(cms.content_of(data), b"")
        self.assertTrue(cms.is_encrypted(data))
        self.assertFalse(cms.is_encrypted(signed(INNER)))

    @quick
    @given(st.binary(max_size=300), st.booleans(), st.integers(1, 4))
    def test_whatever_is_signed_comes_back(self, content, indefinite, pieces):
        data = signed(content, indefinite=indefinite, pieces=pieces)
        self.assertEqual(cms.content_of(data), content)

    @quick
    @given(st.binary(max_size=60), st.integers(0, 150), st.integers(0, 255))
    def test_nothing_makes_it_raise(self, content, place, byte):
        data = bytearray(signed(INNER, indefinite=bool(place % 2)))
        data[place % len(data)] = byte
        for one in (bytes(data), content, bytes(data[:place]), b"\x30\x80" * 5000):
            cms.content_of(one)
            cms.is_encrypted(one)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestWinmail(BaseCase):
    """The files in winmail.dat are taken out."""

    def found(self, data):
        return [(one.name, one.data) for one in read_tnef(data).files]

    def test_files_and_text_are_found(self):
        files = [("Bản vẽ.pdf", b"%PDF-1"), ("a.png", b"\x89PNG")]
        self.assertEqual(self.found(tnef(files)), files)
        found = read_tnef(tnef(files, "Xin chào".encode("cp1258")))
        self.assertEqual((found.text, found.is_whole), ("Xin chào", True))

    def test_old_names_are_read_in_the_code_page_of_the_mail(self):
        data = tnef([("Giá.pdf", b"1")], unicode_names=False)
        self.assertEqual(self.found(data), [("Giá.pdf", b"1")])

    def test_of_a_broken_one_what_can_be_read_is_returned(self):
        data = tnef([("a.pdf", b"1"), ("b.pdf", b"2")])[:-20]
        self.assertEqual(self.found(data)[0], ("a.pdf", b"1"))
        self.assertFalse(read_tnef(data).is_whole)

    @quick
    @given(
        st.lists(
            st.tuples(
                st.text("abcđê. ", min_size=1, max_size=9), st.binary(max_size=40)
            ),
            max_size=4,
        )
    )
    def test_whatever_files_they_are_they_come_back(self, files):
        self.assertEqual(self.found(tnef(files)), files)
        self.assertTrue(read_tnef(tnef(files)).is_whole)

    @quick
    @given(st.binary(max_size=80), st.integers(0, 400), st.integers(0, 255))
    def test_nothing_makes_it_raise(self, content, place, byte):
        data = bytearray(tnef([("a.pdf", b"1" * 20)], b"text"))
        data[place % len(data)] = byte
        for one in (bytes(data), content, tnef([])[:6] + content, bytes(data[:place])):
            read_tnef(one)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestInvitation(BaseCase):
    """An invitation is shown as a person reads it."""

    def text(self, method="REQUEST"):
        return invitation_text(CALENDAR.format(method=method), CalendarWords())

    def test_an_invitation_says_what_when_where_and_who(self):
        self.assertEqual(
            self.text(),
            "Visit to the factory\n"
            "When: 2025-12-01 10:00 - 11:30 Asia/Saigon\n"
            "Where: Bình Dương, gate 3\n"
            "Organizer: Lê, Hoa <hoa@customer.test>\n"
            "Participants: An <an@own.test> (accepted)\n"
            "\n"
            "Bring the samples, please.\nGate 3.",
        )

    def test_a_cancelled_one_says_so(self):
        self.assertIn("This event is cancelled.", self.text("CANCEL"))

    def test_what_a_participant_answers_is_said(self):
        calendar = CALENDAR.format(method="REPLY").replace(
            "END:VEVENT", "COMMENT:Ten minutes late\\, sorry\nEND:VEVENT"
        )
        shown = invitation_text(calendar, CalendarWords())
        self.assertTrue(shown.endswith("\n\nTen minutes late, sorry"), shown)

    def test_what_is_no_event_says_nothing(self):
        for calendar in ("", "BEGIN:VCALENDAR\nEND:VCALENDAR", "hello: x"):
            self.assertEqual(invitation_text(calendar, CalendarWords()), "")

    @quick
    @given(st.text(max_size=200))
    def test_nothing_makes_it_raise(self, text):
        for calendar in (text, CALENDAR[:180] + text, f"BEGIN:VEVENT\nDTSTART:{text}"):
            invitation_text(calendar, CalendarWords())
