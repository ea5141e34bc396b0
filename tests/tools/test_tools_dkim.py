import base64
import time

from cryptography.hazmat.primitives.asymmetric import ed25519

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.inbound.proof import (
    canonical,
    dkim_check,
    keys,
)

from ..signed_mail import Signer, Zone
from ..strategies import given, mail_bytes, quick, st

NOW = 1_800_000_000
MAIL = (
    b"From: Lan <lan@foreign.vn>\r\n"
    b"To: sales@own.vn\r\n"
    b"Subject: An order\r\n"
    b"\r\n"
    b"Please send  ten. \r\n"
    b"\r\n"
)
# RFC 8463 A.3, as it stands there.
RFC_MAIL = b"""\
DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=test; t=1528637909; h=from : to : subject :
 date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
 DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
 dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.
"""
RFC_ZONE = Zone(
    {
        ("brisbane._domainkey.football.example.com", "TXT"): (
            "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
        ),
        ("test._domainkey.football.example.com", "TXT"): (
            (
                "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWR"
                "iGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutAC"
                "DfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3"
                "Ip3G+2kryOTIKT+l/K4w3QIDAQAB"
            ),
        ),
    }
)


def check(raw, zone, domain="foreign.vn", now=NOW):
    source = canonical.read_source(raw)
    return dkim_check.check_signatures(source, domain, Zone(zone).book(), now)


def results(raw, zone, **options):
    return [(one.result, one.why) for one in check(raw, zone, **options)]


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestDkimCheck(BaseCase):
    """Signatures that hold, and all the ways in which they don't."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.signer = Signer("foreign.vn")
        cls.zone = cls.signer.zone

    def assertResult(self, raw, result, why, zone=None, **options):
        found = results(raw, self.zone if zone is None else zone, **options)
        self.assertEqual(found, [(result, why)])

    def test_the_mail_of_the_rfc_holds(self):
        found = check(RFC_MAIL, RFC_ZONE, domain="football.example.com")
        self.assertEqual([one.result for one in found], ["pass", "pass"])
        self.assertEqual({one.domain for one in found}, {"football.example.com"})
        altered = RFC_MAIL.replace(b"hungry", b"angry")
        self.assertEqual(results(altered, RFC_ZONE), [("fail", "altered")] * 2)

    def test_line_ends_do_not_matter(self):
        raw = self.signer.sign(MAIL)
        self.assertResult(raw, "pass", "")
        self.assertResult(raw.replace(b"\r\n", b"\n"), "pass", "")

    def test_what_was_changed_on_the_way_is_seen(self):
        raw = self.signer.sign(MAIL)
        self.assertResult(raw.replace(b"ten", b"one"), "fail", "altered")
        self.assertResult(raw.replace(b"An order", b"An offer"), "fail", "wrong")
        self.assertResult(raw.replace(b"lan@", b"mai@"), "fail", "wrong")
        self.assertResult(b"X-Spam: no\r\n" + raw, "pass", "")

    def test_an_elliptic_key_holds(self):
        signer = Signer("foreign.vn", key=ed25519.Ed25519PrivateKey.generate())
        raw = signer.sign(MAIL)
        self.assertResult(raw, "pass", "", signer.zone)
        self.assertResult(raw.replace(b"An", b"No"), "fail", "wrong", signer.zone)

    def test_a_signature_has_its_time(self):
        raw = self.signer.sign(MAIL, t=str(NOW - 900), x=str(NOW - 600))
        self.assertResult(raw, "fail", "expired")
        self.assertResult(raw, "pass", "", now=NOW - 700)
        raw = self.signer.sign(MAIL, t=str(NOW), x=str(NOW - 1))
        self.assertResult(raw, "permerror", "syntax")

    def test_a_body_that_is_signed_in_part_proves_nothing(self):
        raw = self.signer.sign(MAIL, length=6)
        self.assertResult(raw, "policy", "part")
        self.assertResult(raw + b"<a href=x>Pay here</a>\r\n", "policy", "part")
        whole = self.signer.sign(MAIL, length=len(b"Please send  ten. \r\n"))
        self.assertResult(whole, "pass", "")

    def test_a_second_from_is_not_covered(self):
        raw = b"From: Boss <boss@own.vn>\r\n" + self.signer.sign(MAIL)
        self.assertResult(raw, "policy", "double")
        both = self.signer.sign(MAIL, names=("from", "from", "subject"))
        self.assertResult(both, "pass", "")
        raw = b"From: Boss <boss@own.vn>\r\n" + both
        self.assertResult(raw, "fail", "wrong")

    def test_from_must_be_signed(self):
        raw = self.signer.sign(MAIL, names=("to", "subject"))
        self.assertResult(raw, "permerror", "syntax")

    def test_the_key_must_be_there_and_fit(self):
        raw = self.signer.sign(MAIL)
        name, text = self.signer.name, self.signer.text
        for texts, why in (
            ((), "no_key"),
            (("hello",), "no_key"),
            (("v=DKIM1; p=",), "revoked"),
            ((text.replace("k=rsa", "k=ed25519"),), "unfit_key"),
            ((text + "; h=sha1",), "unfit_key"),
            ((text + "; s=tlsrpt",), "unfit_key"),
            ((text.replace("v=DKIM1", "v=DKIM2"),), "no_key"),
            (("k=rsa; v=DKIM1;" + text[15:],), "no_key"),
            (("v=DKIM1; p=AAAA",), "unfit_key"),
        ):
            with self.subTest(texts=texts):
                self.assertResult(raw, "permerror", why, {(name, "TXT"): texts})
        for kept in (text, text[9:], text + "; h=sha1:sha256; s=*; t=y"):
            self.assertResult(raw, "pass", "", {(name, "TXT"): ("spf?", kept)})

    def test_no_answer_is_no_verdict(self):
        raw = self.signer.sign(MAIL)
        zone = {(self.signer.name, "TXT"): None}
        self.assertResult(raw, "temperror", "silent", zone)

    def test_only_a_strict_key_minds_its_user(self):
        raw = self.signer.sign(MAIL, i="@mail.foreign.vn")
        self.assertResult(raw, "pass", "")
        zone = {(self.signer.name, "TXT"): (f"{self.signer.text}; t=s",)}
        self.assertResult(raw, "permerror", "unfit_key", zone)
        raw = self.signer.sign(MAIL, i="@elsewhere.vn")
        self.assertResult(raw, "permerror", "syntax")

    def test_keys_have_their_size(self):
        for bits, result, why in ((512, "permerror", "key_size"), (4096, "pass", "")):
            with self.subTest(bits=bits):
                # No library makes short keys any more: this one was made before.
                signer = Signer("foreign.vn", bits=max(bits, 1024))
                zone = (
                    signer.zone
                    if bits > 1024
                    else {(signer.name, "TXT"): (f"v=DKIM1; p={SHORT_KEY}",)}
                )
                self.assertResult(signer.sign(MAIL), result, why, zone)

    def test_old_kinds_prove_nothing(self):
        self.assertResult(self.signer.sign(MAIL, a="rsa-sha1"), "policy", "kind")
        self.assertResult(self.signer.sign(MAIL, a="rsa-md5"), "permerror", "kind")

    def test_broken_signatures_are_told(self):
        for tags in (
            {"v": "2"},
            {"c": "nofws"},
            {"q": "http"},
            {"l": "many"},
            {"x": "-1"},
            {"d": ""},
            {"bh": "??"},
            {"d ": "twice.vn"},
            {"h": ":".join(["from"] * 300)},
        ):
            with self.subTest(tags=tags):
                raw = self.signer.sign(MAIL, **tags)
                self.assertResult(raw, "permerror", "syntax")

    def test_the_own_signature_is_found_among_many(self):
        raw = self.signer.sign(MAIL)
        for _number in range(19):
            raw = b"DKIM-Signature: v=1; d=other.vn\r\n" + raw
        found = check(raw, self.zone)
        self.assertEqual(len(found), dkim_check.MAX_SIGNATURES)
        self.assertEqual(found[0].result, "pass")

    def test_a_header_that_is_read_in_two_ways_is_not_looked_at(self):
        raw = self.signer.sign(MAIL)
        for before in (b"no field\r\n", b"X: 1\rFrom: boss@own.vn\r\n", b"X: \0\r\n"):
            with self.subTest(before=before):
                with self.assertRaises(canonical.UnreadableError):
                    check(before + raw, self.zone)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestDkimBounds(BaseCase):
    """Whatever stands in a mail, its check ends soon."""

    @quick
    @given(mail_bytes, st.binary(max_size=80))
    def test_nothing_but_unreadable_is_raised(self, raw, more):
        signature = b"DKIM-Signature: v=1; a=rsa-sha256; d=a.vn; s=k; h=from; " + more
        try:
            check(signature + b"\r\n" + raw, {})
        except canonical.UnreadableError:
            return

    def test_what_is_long_is_read_in_linear_time(self):
        signer = Signer("foreign.vn")
        bodies = (
            b" " * 4_000_000,
            b"\r\n" * 2_000_000,
            b" \r\n" * 1_500_000 + b"x",
            b"\r" * 4_000_000,
        )
        for body in bodies:
            for form in (canonical.SIMPLE, canonical.RELAXED):
                with self.subTest(body=body[:5], form=form):
                    raw = signer.sign(MAIL, c=f"simple/{form}") + body
                    started = time.monotonic()
                    check(raw, signer.zone)
                    self.assertLess(time.monotonic() - started, 2)

    def test_lists_of_tags(self):
        self.assertEqual(keys.read_tags(" a = 1 ; b=x=y;"), {"a": "1", "b": "x=y"})
        for text in ("a=1; a=2", "a", "=1", "a=1;;b=2"):
            self.assertIsNone(keys.read_tags(text), text)
        self.assertEqual(keys.decode("YQ = ="), b"a")
        self.assertIsNone(keys.decode("Y*"))


# 512 bits.
SHORT_KEY = base64.b64encode(
    bytes.fromhex("305c300d06092a864886f70d0101010500034b003048024100")
    + b"\xc1" * 63
    + b"\xc1"
    + bytes.fromhex("0203010001")
).decode()
