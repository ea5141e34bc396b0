import time

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.inbound import suggestions
from odoo.addons.mail_catchall_router.tools.inbound.suggestions import (
    candidates,
    fold,
    keys,
)

from .. import strategies
from ..strategies import given, header_text, quick, st

OWN = frozenset({"own.test", "own-shop.test"})

LETTERS = "abcdeinmrvwloy"
ANY = LETTERS + "01.-_đễớаіß日"
local_parts = st.text(ANY, min_size=4, max_size=20)
words = st.text(LETTERS, min_size=4, max_size=12)
edits = st.tuples(
    st.sampled_from(["insert", "delete", "replace", "swap"]),
    st.integers(0, 20),
    st.sampled_from(ANY),
)


def edited(text, edit):
    how, at, letter = edit
    at %= len(text)
    if how == "insert":
        return text[:at] + letter + text[at:]
    if how == "delete":
        return text[:at] + text[at + 1 :]
    if how == "replace":
        return text[:at] + letter + text[at + 1 :]
    return text[:at] + text[at : at + 2][::-1] + text[at + 2 :]


def kinds(address, *known):
    found = candidates(address, known, OWN)
    return {one.address: one.distance_kind for one in found}


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestCandidates(BaseCase):
    """One slip away from an own address, and which slip."""

    def test_slips(self):
        for written, known, kind in (
            ("miname", "myname", "edit"),
            ("mynme", "myname", "edit"),
            ("mynamee", "myname", "edit"),
            ("yname", "myname", "edit"),
            ("sale1", "sales", "edit"),
            ("sales2", "sales", "edit"),
            ("mynmae", "myname", "transposition"),
            ("ymname", "myname", "transposition"),
            ("suppo1t", "support", "edit"),
            ("supp0rt", "support", "look_alike"),
            ("he1lo", "hello", "look_alike"),
            ("heiio", "hello", "look_alike"),
            ("rnyname", "myname", "look_alike"),
            ("vvilliam", "william", "look_alike"),
            ("mynаme", "myname", "look_alike"),
            ("lan.tran", "lantran", "separator"),
            ("lantran", "lan.tran", "separator"),
            ("lan_tran", "lan-tran", "separator"),
            ("l.a.n.tran", "lantran", "separator"),
            ("nguyễn", "nguyen", "diacritics"),
            ("nguyen", "nguyễn", "diacritics"),
            ("đặng.hoà", "dang.hoa", "diacritics"),
            ("müller", "muller", "diacritics"),
            ("sales-fair", "sales", "subaddress"),
            ("sales=fair", "sales", "subaddress"),
            ("sales.fair.2026", "sales", "subaddress"),
            ("hr-jobs-hanoi", "hr-jobs", "subaddress"),
        ):
            with self.subTest(written=written):
                found = kinds(f"{written}@own.test", f"{known}@own.test")
                self.assertEqual(found, {f"{known}@own.test": kind})

    def test_no_slips(self):
        for written, known in (
            ("myname", "myname"),
            ("minme", "myname"),
            ("mnyaem", "myname"),
            ("order-12", "order-13"),
            ("order-12", "order-21"),
            ("order-12", "order-123"),
            ("team1", "team2"),
            ("sales", "support"),
        ):
            with self.subTest(written=written):
                found = kinds(f"{written}@own.test", f"{known}@own.test")
                self.assertEqual(found, {})

    def test_short_local_parts(self):
        for written, known, kind in (
            ("bob", "bobo", None),
            ("bob", "bib", None),
            ("l0", "lo", None),
            ("nam", "man", None),
            ("nma", "nam", "transposition"),
            ("h.r", "hr", "separator"),
            ("tú", "tu", "diacritics"),
        ):
            with self.subTest(written=written):
                found = kinds(f"{written}@own.test", f"{known}@own.test")
                self.assertEqual(found.get(f"{known}@own.test"), kind)

    def test_domains(self):
        known = ("hr@own.test", "hr@own-shop.test", "hr@foreign.test")
        for address, expected in (
            ("hr@owm.test", {"hr@own.test": "domain_typo"}),
            ("hr@ownn.test", {"hr@own.test": "domain_typo"}),
            ("hr@onw.test", {"hr@own.test": "domain_typo"}),
            ("hr@0wn.test", {"hr@own.test": "domain_typo"}),
            ("hr@ownshop.test", {"hr@own-shop.test": "domain_typo"}),
            ("hr@own.test", {"hr@own-shop.test": "other_domain"}),
            ("hr@foreign.test", {}),
            ("h.r@owm.test", {}),
            ("h.r@foreign.test", {}),
        ):
            with self.subTest(address=address):
                self.assertEqual(kinds(address, *known), expected)
        self.assertEqual(kinds("a.b@own.test", "ab@own-shop.test"), {})

    def test_order(self):
        known = [
            f"{local}@own.test"
            for local in ("zyname", "maname", "mename", "myname", "mi.name", "minmae")
        ]
        found = [one.address for one in candidates("miname@own.test", known, OWN)]
        expected = ["mi.name", "minmae", "myname", "maname", "mename"]
        self.assertEqual(found, [f"{local}@own.test" for local in expected])

    def test_the_likeliest_are_kept(self):
        known = [f"nam{letter}@own.test" for letter in "abcdefghijklmnopqrstuvwxyz"]
        found = candidates("nam@own.test", [*known, "n.am@own.test"], OWN)
        self.assertEqual(found[0].address, "n.am@own.test")
        found = candidates("namx1@own.test", [*known, *known], OWN)
        self.assertEqual([one.address for one in found], ["namx@own.test"])
        found = candidates("namé@own.test", known, OWN)
        self.assertEqual(len(found), suggestions.SUGGESTION_LIMIT)
        self.assertEqual(found[0].distance_kind, "diacritics")

    def test_no_address(self):
        for address in ("", "miname", "@own.test", "miname@"):
            self.assertEqual(kinds(address, "myname@own.test"), {})
        self.assertEqual(kinds("miname@own.test", "", "myname", "@own.test"), {})

    @quick
    @given(words, edits)
    def test_every_slip_is_found(self, word, edit):
        written = edited(word, edit)
        if len(written) > 3 and written != word:
            known = f"{word}@own.test"
            found = candidates(f"{written}@own.test", [known], OWN)
            self.assertEqual([one.address for one in found], [known])

    @quick
    @given(local_parts, local_parts)
    def test_it_is_the_same_both_ways(self, one, other):
        first = kinds(f"{one}@own.test", f"{other}@own.test")
        second = kinds(f"{other}@own.test", f"{one}@own.test")
        self.assertEqual(list(first.values()), list(second.values()))

    @quick
    @given(st.lists(local_parts), st.lists(local_parts))
    def test_many_at_once_have_the_same_candidates(self, unknown, known):
        unknown = [f"{one}@own.test" for one in unknown]
        known = [f"{one}@own-shop.test" for one in known] + unknown[:3]
        self.assertEqual(
            suggestions.candidates_of_all(unknown, known, OWN),
            {one: candidates(one, known, OWN) for one in unknown},
        )

    @quick
    @given(header_text, st.lists(st.one_of(header_text, strategies.addresses)))
    def test_never_raises(self, address, known):
        for one in candidates(address, known, OWN):
            self.assertIn(one.address, known)
            self.assertIn(one.distance_kind, suggestions.KINDS)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestKeys(BaseCase):
    """Keys that an index finds near misses with."""

    def test_fold(self):
        for one, other in (
            ("Rn.Vv-01_I", "mwoll"),
            ("Đặng.Hoà", "danghoa"),
            ("аdmіn", "admin"),
            ("straße", "strase"),
        ):
            self.assertEqual(fold(one), fold(other))

    @quick
    @given(local_parts)
    def test_fold_twice_is_fold(self, local):
        self.assertEqual(fold(fold(local)), fold(local))

    @quick
    @given(local_parts, edits)
    def test_one_edit_shares_a_key(self, local, edit):
        self.assertTrue(keys(local) & keys(edited(local, edit)))

    @quick
    @given(st.text(min_size=4, max_size=64), edits)
    def test_one_edit_shares_a_key_in_every_script(self, local, edit):
        self.assertTrue(keys(local) & keys(edited(local, edit)))

    @quick
    @given(local_parts, local_parts)
    def test_who_shares_no_key_is_no_candidate(self, one, other):
        if not keys(one) & keys(other):
            self.assertEqual(kinds(f"{one}@own.test", f"{other}@own.test"), {})

    def test_keys_are_few(self):
        self.assertEqual(len(keys("abcdef")), 7)
        self.assertLessEqual(len(keys("abcdefgh" * 1000)), 66)
        self.assertTrue(all(len(key) <= 64 for key in keys("xy" * 1000)))

    def test_many_addresses_take_linear_time(self):
        known = [f"name{number}x@own.test" for number in range(20_000)]
        start = time.monotonic()
        candidates("name@own.test", known, OWN)
        candidates("a" * 200 + "@own.test", ["a" * 199 + "@own.test"] * 2000, OWN)
        self.assertLess(time.monotonic() - start, 20)
