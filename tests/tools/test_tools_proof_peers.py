from unittest import skipUnless

from odoo.tests import BaseCase, tagged
from odoo.tools import mute_logger

from odoo.addons.mail_catchall_router.tools.inbound.proof import (
    arc_check,
    canonical,
    dkim_check,
)

from ..signed_mail import Signer, Zone
from ..strategies import given, quick, st

try:
    import dkim
except ModuleNotFoundError:
    dkim = None  # Odoo needs it not

NOW = 1_800_000_000
_TEXT = st.text(" \tab.;=:\\", max_size=30).map(str.encode)
#: Folded in ways that mail programs fold.
VALUES = st.lists(_TEXT, min_size=1, max_size=3).map(b"\r\n \t".join)
#: Of whole lines, as SMTP carries them.
BODIES = st.lists(
    st.sampled_from([b"", b" ", b"\t ", b"a", b"a  b ", b" .", b"-- ", b"\xc3\xa9"]),
    max_size=8,
).map(lambda lines: b"".join(line + b"\r\n" for line in lines))
NAMES = st.sampled_from(["from", "to", "subject", "x-none", "cc"])
FORMS = st.sampled_from([b"simple", b"relaxed"])


def record(signer):
    """Return how dkimpy asks for a record."""

    def find(name, timeout=5):
        is_known = name.decode().rstrip(".") == signer.name
        return signer.text.encode() if is_known else None

    return find


def own_result(raw, zone):
    try:
        source = canonical.read_source(raw)
    except canonical.UnreadableError:
        return "unreadable"
    (found,) = dkim_check.check_signatures(source, "a.vn", Zone(zone).book(), NOW)
    return found.result


@tagged("mail_catchall_router", "post_install", "-at_install")
@skipUnless(dkim, "dkimpy, which ours is compared with, is not installed")
class TestProofPeers(BaseCase):
    """Our checks and those of dkimpy come to the same result."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.signer = Signer("a.vn")
        # It tells as errors why a signature is not right.
        muted = mute_logger("dkimpy")
        muted.__enter__()
        cls.addClassCleanup(muted.__exit__)

    def compare(self, raw):
        """Return our result, which is that of dkimpy too; and fail if it is not."""
        try:
            theirs = dkim.verify(raw, dnsfunc=record(self.signer))
        except dkim.DKIMException:
            theirs = False
        ours = own_result(raw, self.signer.zone)
        self.assertEqual(ours == "pass", theirs, (ours, raw))
        return ours

    def sign(self, raw, forms, **options):
        return dkim.sign(
            raw, b"s1", b"a.vn", self.signer.pem, canonicalize=forms, **options
        )

    @quick
    @given(VALUES, VALUES, BODIES, FORMS, FORMS, st.lists(NAMES, max_size=5))
    def test_what_one_signs_the_other_finds_right(
        self, subject, other, body, head_form, body_form, names
    ):
        raw = b"From: a@a.vn\r\nSubject:%s\r\nTo: %s\r\n\r\n%s" % (subject, other, body)
        chosen = [b"from", *(name.encode() for name in names if name != "from")]
        signature = self.sign(raw, (head_form, body_form), include_headers=chosen)
        self.assertEqual(self.compare(signature + raw), "pass")
        # What relays do to mail.
        for altered in (
            raw + b"\r\n\r\n",
            raw + b" \r\n",
            raw.replace(b"  ", b" "),
            raw.replace(b"a", b"b", 3),
            raw.replace(b"Subject:", b"SUBJECT: "),
            raw.replace(b"\r\n \t", b" "),
            b"X-None: 1\r\n" + raw,
            raw.replace(b"\r\n", b"\n"),
        ):
            self.compare(signature + altered)

    @quick
    @given(st.sampled_from(list(b"=;:vabdshx \t\r\n1")), st.integers(0, 400))
    def test_a_signature_with_one_letter_changed(self, letter, at):
        raw = b"From: a@a.vn\r\nSubject: x\r\n\r\nText\r\n"
        signed = self.sign(raw, (b"relaxed", b"relaxed")) + raw
        at %= signed.index(b"From: ")
        changed = signed[:at] + bytes([letter]) + signed[at + 1 :]
        if b"DKIM-Signature:" not in changed:
            return
        try:
            theirs = dkim.verify(changed, dnsfunc=record(self.signer))
        except (dkim.DKIMException, ValueError, IndexError):
            theirs = False
        if own_result(changed, self.signer.zone) == "pass":
            self.assertTrue(theirs, changed)

    def test_seals(self):
        raw = Signer("a.vn").sign(b"From: a@a.vn\r\nSubject: x\r\n\r\nText\r\n")
        sealed = self.signer.seal(raw, "dmarc=pass header.from=a.vn")
        sealed = self.signer.seal(sealed, "arc=pass")
        for changed in (
            sealed,
            sealed.replace(b"dmarc=pass", b"dmarc=none"),
            sealed.replace(b"Text", b"Next"),
            sealed.replace(b"cv=pass", b"cv=none"),
            sealed.replace(b"Subject: ", b"Subject:  "),
            sealed.replace(b"i=1", b"i=3"),
        ):
            with self.subTest(changed=changed):
                theirs, *_more = dkim.arc_verify(changed, dnsfunc=record(self.signer))
                source = canonical.read_source(changed)
                book = Zone(self.signer.zone).book()
                ours = arc_check.check_chain(source, book).result
                self.assertEqual(ours, theirs.decode())
