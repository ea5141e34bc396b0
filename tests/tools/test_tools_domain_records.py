from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.inbound import dkim
from odoo.addons.mail_catchall_router.tools.mail.headers import parse_headers
from odoo.addons.mail_catchall_router.tools.servers import providers
from odoo.addons.mail_catchall_router.tools.watch import domain_records as records

from ..strategies import given, quick, st

DOMAIN = "tenmien.com.vn"
GOOGLE = records.Way("smtp.gmail.com", ("_spf.google.com",))
OWN = records.Way("mail.tenmien.com.vn")
TEXTS = st.text(alphabet="v=spf1DMARC; p:adeilncu+-~%._mx", max_size=60)


class Dns:
    """The texts of some names; no other name has any. ``None`` stands for silence."""

    def __init__(self, **texts):
        self.texts = {"_spf.google.com": ["v=spf1 ip4:74.125.0.0/16 ~all"], **texts}
        self.asked = []

    def __call__(self, name):
        self.asked.append(name)
        return self.texts.get(name, [])


def spf(*texts, way=GOOGLE, **others):
    return records.check_spf(DOMAIN, Dns(**{DOMAIN: list(texts)}, **others), way)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestSpfRecord(BaseCase):
    """Whether a domain lists who sends its mail, and the record that mends it."""

    def assertCheck(self, check, code, record=None):
        self.assertEqual(check.code, code, check)
        self.assertEqual(check.state, "ok" if record is None else "warning")
        if record is not None:
            self.assertEqual(check.values["record"], record)

    def test_a_record_that_includes_the_provider_is_right(self):
        self.assertCheck(spf("v=spf1 include:_spf.google.com ~all"), "set")
        self.assertCheck(spf("V=SPF1 mx ?include:_SPF.Google.com. -all", "x=y"), "set")

    def test_what_another_record_includes_counts(self):
        found = spf(
            "v=spf1 include:spf.hoster.vn -all",
            **{"spf.hoster.vn": ["v=spf1 include:_spf.google.com ?all"]},
        )
        self.assertCheck(found, "set")

    def test_without_a_record_the_one_of_the_provider_is_told(self):
        self.assertCheck(
            spf("google-site-verification=abc", "v=spf10 x"),
            "absent",
            "v=spf1 include:_spf.google.com ~all",
        )
        self.assertCheck(spf(way=OWN), "absent", "v=spf1 mx a:mail.tenmien.com.vn ~all")

    def test_the_provider_is_put_before_what_ends_the_record(self):
        self.assertCheck(
            spf("v=spf1 a mx -all"),
            "lacks",
            "v=spf1 a mx include:_spf.google.com -all",
        )
        self.assertCheck(
            spf("v=spf1 redirect=_spf.hoster.vn", **{"_spf.hoster.vn": ["v=spf1 mx"]}),
            "lacks",
            "v=spf1 include:_spf.google.com redirect=_spf.hoster.vn",
        )

    def test_networks_written_down_may_be_the_providers(self):
        self.assertCheck(spf("v=spf1 ip4:74.125.0.0/16 -all"), "set")

    def test_of_an_own_server_no_one_can_tell_from_outside(self):
        self.assertCheck(spf("v=spf1 a -all", way=OWN), "set")

    def test_two_records_are_none(self):
        self.assertCheck(
            spf("v=spf1 mx -all", "v=spf1 include:_spf.google.com ~all"),
            "several",
            "v=spf1 mx include:_spf.google.com ~all",
        )

    def test_a_record_that_lets_everybody_send_is_told(self):
        for everyone in ("all", "+all", "+ALL"):
            self.assertCheck(
                spf(f"v=spf1 include:_spf.google.com {everyone}"),
                "everyone",
                "v=spf1 include:_spf.google.com ~all",
            )

    def test_more_than_ten_look_ups_make_it_invalid(self):
        def chain(length):
            names = [f"{i}.spf.vn" for i in range(length)]
            return {
                name: [f"v=spf1 include:{following} ~all"]
                for name, following in zip(
                    names, [*names[1:], "_spf.google.com"], strict=True
                )
            }

        first = "v=spf1 include:0.spf.vn ~all"
        self.assertCheck(spf(first, **chain(9)), "set")
        self.assertCheck(spf(first, **chain(10)), "many", first)

    def test_a_record_that_includes_itself_comes_to_an_end(self):
        found = spf(
            "v=spf1 include:a.vn -all", **{"a.vn": ["v=spf1 include:a.vn -all"]}
        )
        self.assertEqual(found.code, "lacks")

    def test_what_includes_nothing_makes_it_invalid(self):
        record = "v=spf1 include:gone.vn include:_spf.google.com ~all"
        self.assertCheck(spf(record), "dead", record)

    def test_silence_is_no_fault(self):
        self.assertCheck(
            records.check_spf(DOMAIN, lambda _name: None, GOOGLE), "unknown"
        )
        dns = Dns(**{DOMAIN: ["v=spf1 include:silent.vn ip4:1.2.3.4 ~all"]})
        dns.texts["silent.vn"] = None
        self.assertCheck(records.check_spf(DOMAIN, dns, GOOGLE), "set")

    def test_the_records_told_are_right_themselves(self):
        for texts in (["v=spf1 a mx -all"], [], ["v=spf1 mx", "v=spf1 a ~all"]):
            record = spf(*texts).values["record"]
            merged = spf(record).values["record"]
            self.assertCheck(spf(merged), "set")

    def test_each_provider_is_told_by_the_record_it_wants(self):
        for provider in filter(lambda one: one.spf, providers.PROVIDERS):
            way = records.Way(provider.outgoing.host, provider.spf)
            record = records.check_spf(DOMAIN, Dns(), way).values["record"]
            self.assertEqual(record, f"v=spf1 include:{provider.spf[0]} ~all")

    @quick
    @given(texts=st.lists(TEXTS, max_size=3))
    def test_anybodys_bytes_are_judged(self, texts):
        def ask(_name):
            return texts

        self.assertIn(records.check_spf(DOMAIN, ask, GOOGLE).state, ("ok", "warning"))
        self.assertIn(records.check_dmarc(DOMAIN, ask).state, ("ok", "warning"))


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestDmarcRecord(BaseCase):
    """Whether a domain, or the one it belongs to, has a policy."""

    def check(self, domain=DOMAIN, **texts):
        return records.check_dmarc(domain, Dns(**texts))

    def test_the_domains_own_policy_counts(self):
        found = self.check(**{f"_dmarc.{DOMAIN}": ["v=DMARC1; p=Reject; sp=none"]})
        self.assertEqual((found.code, found.values["policy"]), ("set", "reject"))

    def test_the_organisations_policy_holds_for_its_subdomains(self):
        owner = {f"_dmarc.{DOMAIN}": ["v=DMARC1;p=reject;sp=quarantine"]}
        found = self.check(f"mail.sales.{DOMAIN}", **owner)
        self.assertEqual((found.code, found.values["policy"]), ("set", "quarantine"))
        self.assertEqual(found.values["name"], f"_dmarc.{DOMAIN}")

    def test_no_suffix_is_asked(self):
        dns = Dns()
        records.check_dmarc(f"mail.{DOMAIN}", dns)
        self.assertEqual(dns.asked, [f"_dmarc.mail.{DOMAIN}", f"_dmarc.{DOMAIN}"])

    def test_without_one_the_first_to_set_is_told(self):
        found = self.check(**{f"_dmarc.{DOMAIN}": ["v=spf1 -all"]})
        self.assertEqual((found.state, found.code), ("warning", "absent"))
        self.assertEqual(found.values["name"], f"_dmarc.{DOMAIN}")
        self.assertEqual(found.values["record"], "v=DMARC1; p=none")

    def test_two_are_none(self):
        texts = ["v=DMARC1; p=none", "v=DMARC1; p=reject"]
        self.assertEqual(self.check(**{f"_dmarc.{DOMAIN}": texts}).code, "several")

    def test_a_record_without_a_policy_is_none_unless_it_asks_for_reports(self):
        name = f"_dmarc.{DOMAIN}"
        broken = self.check(**{name: ["v=DMARC1; p=rejct; adkim=s"]})
        self.assertEqual(broken.code, "broken")
        self.assertEqual(broken.values["record"], "v=DMARC1; p=none; adkim=s")
        reports = self.check(**{name: ["v=DMARC1; rua=mailto:a@tenmien.com.vn"]})
        self.assertEqual((reports.code, reports.values["policy"]), ("set", "none"))

    def test_silence_is_no_fault(self):
        found = records.check_dmarc(DOMAIN, lambda _name: None)
        self.assertEqual((found.state, found.code), ("ok", "unknown"))


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestDkimRecord(BaseCase):
    """Whether the signature that came back is the domain's, and its key is there."""

    def check(self, seen, **texts):
        return records.check_dkim(DOMAIN, Dns(**texts), seen)

    def test_a_key_that_is_there_is_right(self):
        name = f"s2026._domainkey.{DOMAIN}"
        found = self.check([(DOMAIN, "s2026")], **{name: ["v=DKIM1; k=rsa; p=MIIB"]})
        self.assertEqual((found.code, found.values["name"]), ("set", name))

    def test_a_subdomain_signs_for_its_domain(self):
        name = f"x._domainkey.mail.{DOMAIN}"
        found = self.check([(f"mail.{DOMAIN}", "x")], **{name: ["p=MIIB"]})
        self.assertEqual(found.code, "set")

    def test_the_providers_own_signature_does_not_count(self):
        signer = "tenmien-com-vn.20230601.gappssmtp.com"
        found = self.check([(signer, "20230601")])
        self.assertEqual((found.state, found.code), ("warning", "foreign"))
        self.assertEqual(found.values["signer"], signer)
        self.assertEqual(self.check([("other.com.vn", "x")]).code, "foreign")

    def test_a_key_that_is_not_there_is_told_by_its_name(self):
        found = self.check([(DOMAIN, "s1")])
        self.assertEqual((found.state, found.code), ("warning", "no_key"))
        self.assertEqual(found.values["name"], f"s1._domainkey.{DOMAIN}")

    def test_a_key_without_a_value_was_revoked(self):
        name = f"s1._domainkey.{DOMAIN}"
        self.assertEqual(
            self.check([(DOMAIN, "s1")], **{name: ["v=DKIM1; p="]}).code, "revoked"
        )

    def test_one_good_signature_is_enough(self):
        name = f"s2._domainkey.{DOMAIN}"
        seen = [("amazonses.com", "a"), (DOMAIN, "s1"), (DOMAIN, "s2")]
        self.assertEqual(self.check(seen, **{name: ["p=MIIB"]}).code, "set")

    def test_what_was_not_seen_is_no_fault(self):
        self.assertEqual(self.check(None).code, "unseen")
        self.assertEqual(self.check([]).code, "unsigned")
        self.assertEqual(self.check([]).state, "ok")


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestRecordsTogether(BaseCase):
    def test_the_worst_domain_is_shown_and_those_like_it_are_named(self):
        good = records.Check("ok", "set", {"name": "a.vn", "record": "v=spf1 -all"})
        bad = {
            name: records.Check("warning", "absent", {"name": name, "record": name})
            for name in ("b.vn", "c.vn")
        }
        (found,) = records.judge(
            {"a.vn": {"spf": good}, **{name: {"spf": bad[name]} for name in bad}}
        )
        self.assertEqual((found.item, found.state), ("spf", "warning"))
        self.assertEqual(found.values["domain"], "b.vn, c.vn")
        self.assertEqual(found.values["record"], "b.vn")

    def test_names_that_no_dns_knows_are_private(self):
        for name in ("tenmien.test", "company.example", "odoo", "mail.local", "x.LAN"):
            self.assertFalse(records.is_public(name), name)
        for name in ("tenmien.com", DOMAIN, "xn--caf-dma.vn", "example.com"):
            self.assertTrue(records.is_public(name), name)

    def test_a_signature_is_read_as_servers_fold_it(self):
        raw = (
            b"DKIM-Signature: v=1; a=rsa-sha256; \r\n"
            b"\td=TenMien.com.vn; s=s2026; t=1; h=from:to:sub\r\n ject:List-\r\n"
            b" Unsubscribe; bh=abc=; b=a; d=later.example\r\n"
            b"DKIM-Signature: nonsense\r\n\r\n"
        )
        (found,) = dkim.read_signatures(parse_headers(raw))
        self.assertEqual((found.domain, found.selector), (DOMAIN, "s2026"))
        self.assertEqual(found.covered, {"from", "to", "subject", "list-unsubscribe"})
