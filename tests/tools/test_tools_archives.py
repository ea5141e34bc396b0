import gzip
import io
import struct

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.inbound import archives, files
from odoo.addons.mail_catchall_router.tools.inbound.letter import Enclosure

from ..strategies import given, quick, st


def gzipped(name):
    """Return a GZIP file that had this name."""
    stream = io.BytesIO()
    with gzip.GzipFile(name, "wb", fileobj=stream) as file:
        file.write(b"MZ")
    return stream.getvalue()


def rar4(*names, data=b"12345"):
    """Return the headers of a RAR 4 archive, each file with its data."""
    out = b"Rar!\x1a\x07\x00" + struct.pack("<HBHH6x", 0, 0x73, 0, 13)
    for name in names:
        fixed = (len(data), len(data), 2, 0, 0, 29, 0x33, len(name), 32)
        rest = struct.pack("<IIBIIBBHI", *fixed) + name
        out += struct.pack("<HBHH", 0, 0x74, 0x8000, 7 + len(rest)) + rest + data
    return out


def number(value):
    """Return a number of RAR 5: seven bits a byte, the lowest first."""
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def block5(kind, flags, rest, data=b""):
    """Return a block of RAR 5."""
    sizes = number(len(data)) if flags & 2 else b""
    head = number(kind) + number(flags) + sizes + rest
    return b"\0\0\0\0" + number(len(head)) + head + data


def rar5(*names, data=b"x" * 300):
    """Return a RAR 5 archive; times and sums are with the files."""
    out = b"Rar!\x1a\x07\x01\x00" + block5(1, 0, number(0))
    for name in names:
        rest = number(6) + number(len(data)) + number(32) + b"\0" * 8
        rest += number(0) + number(1) + number(len(name)) + name
        out += block5(2, 2, rest, data)
    return out + block5(5, 0, number(0))


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestArchives(BaseCase):
    """The names that the headers of archives tell."""

    def test_each_file_is_named(self):
        for make in (rar4, rar5):
            data = make(b"a.pdf", b"folder/RFQ.exe", "b\u1ea3ng.js".encode())
            names = ["a.pdf", "folder/RFQ.exe", "b\u1ea3ng.js"]
            self.assertEqual(archives.names_in(data), names, make)
        self.assertEqual(archives.names_in(gzipped("RFQ.exe")), ["RFQ.exe"])
        self.assertEqual(archives.names_in(gzipped("")), [])
        self.assertEqual(archives.names_in(b"PK\x03\x04"), [])

    def test_the_name_ends_where_its_unicode_begins(self):
        self.assertEqual(archives.names_in(rar4(b"a.exe\0\x01\x02")), ["a.exe"])

    def test_a_program_is_found_in_them(self):
        for name, data in (
            ("Order.rar", rar4(b"Order.exe")),
            ("Order.rar", rar5(b"Order.pdf.scr")),
            ("Order.gz", gzipped("Order.js")),
        ):
            found = files.traps_in(Enclosure(name, "", data))
            self.assertIn("program", found, name)
        found = files.traps_in(Enclosure("photos.rar", "", rar5(b"a.jpg", b"b.jpg")))
        self.assertEqual(found, {})

    def test_what_is_cut_off_ends_the_list(self):
        for make in (rar4, rar5):
            data = make(b"a.txt", b"b.txt")
            for end in range(len(data)):
                found = archives.names_in(data[:end])
                self.assertLessEqual(len(found), 2)
        many = archives.names_in(rar4(*[b"a.txt"] * 500))
        self.assertEqual(len(many), archives.MOST_ENTRIES)

    @quick
    @given(
        st.binary(max_size=200),
        st.sampled_from(
            (b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00", b"\x1f\x8b\x08")
        ),
    )
    def test_any_bytes_are_read(self, data, start):
        self.assertIsInstance(archives.names_in(start + data), list)
