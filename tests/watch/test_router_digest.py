import re
import time
from html import unescape
from urllib.parse import parse_qs, urlsplit

from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.mail_catchall_router.tools.outbound import decision_links

from ..common import RouterCommon
from ..hostile_html import VECTORS
from ..tools.test_tools_preview import offences

USER_GROUP = "mail_catchall_router.group_mail_catchall_router_user"
MANAGER_GROUP = "mail_catchall_router.group_mail_catchall_router_manager"
LINK = re.compile(r'href="([^"]*/mail_catchall_router/decide\?[^"]*)"')


class DigestCommon(RouterCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = cls.router.company_id
        cls.manager = new_test_user(
            cls.env,
            "digest_manager",
            groups=MANAGER_GROUP,
            company_id=company.id,
            email="manager@test.example",
            lang="en_US",
        )
        cls.reader = new_test_user(
            cls.env,
            "digest_reader",
            groups=USER_GROUP,
            company_id=company.id,
            email="reader@test.example",
        )
        cls.stranger = new_test_user(
            cls.env,
            "digest_stranger",
            groups=MANAGER_GROUP,
            company_id=cls.company_2.id,
            email="stranger@test.example",
        )
        cls.router.digest_user_ids = cls.manager
        cls.held = cls._held()

    @classmethod
    def _held(cls, number=0, **values):
        message = cls.Message._journal(
            cls.router,
            [
                {
                    "raw": cls.mail(
                        cls.at_domain("nobody"),
                        message_id=f"<held{number}@customer.example>",
                        **values,
                    )
                }
            ],
        )
        message._route()
        return message

    @classmethod
    def _held_many(cls, values_list):
        """Put mails with these values into the quarantine, without routing them."""
        messages = cls.Message._journal(
            cls.router,
            [
                {"raw": cls.mail(cls.at_domain("nobody"), message_id=f"<{number}@x>")}
                for number, _values in enumerate(values_list)
            ],
        )
        for message, values in zip(messages, values_list, strict=True):
            message.write({"state": "held", **values})

    def digests(self):
        """Send the daily digests; return {address: mail.mail}."""
        before = self.env["mail.mail"].search([])
        self.env["mail.catchall.router"]._cron_digest()
        mails = self.env["mail.mail"].search([]) - before
        return {mail.email_to.partition("<")[2].rstrip(">"): mail for mail in mails}

    def digest(self):
        return self.digests()[self.manager.email]

    def links(self, mail):
        """Return {action: URL} of the first message in a digest."""
        found = {}
        for url in map(unescape, LINK.findall(str(mail.body_html))):
            found.setdefault(parse_qs(urlsplit(url).query)["a"][0], url)
        return found


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestDigest(DigestCommon):
    """A mail a day about what waits."""

    def test_it_names_what_waits_with_a_link_for_each_decision(self):
        mail = self.digest()
        self.assertEqual(mail.state, "outgoing")
        self.assertEqual(mail.subject, "To Decide: one email is waiting for you")
        for text in ("A question", "lan@customer.example", "Unknown address"):
            self.assertIn(text, mail.body_html)
        # Releasing an unknown address would change nothing.
        self.assertEqual(set(self.links(mail)), {"discard", "block"})
        self.assertIn(f"/odoo/mail-router-triage/{self.held.id}", mail.body_html)
        self.assertIn("Auto-Submitted", mail.headers)
        self.assertEqual(mail.mail_server_id, self.smtp_server)

    def test_an_unknown_address_can_be_made(self):
        body = str(self.digest().body_html)
        self.assertIn(">Create This Address</a>", body)
        self.assertNotIn(">Decide</a>", body)
        self.held.reason_code = "rule_hold"
        body = str(self.digest().body_html)
        self.assertNotIn(">Create This Address</a>", body)
        self.assertIn(">Decide</a>", body)

    def test_it_says_to_whom_it_was_and_how_it_begins(self):
        text = str(self.digest().body_html)
        self.assertIn(self.at_domain("nobody"), text)
        self.assertIn("Hello", text)

    def test_it_names_the_address_that_was_probably_meant(self):
        for name in ("nobodi", "nobodo"):
            self.env["mail.alias"].create(
                {
                    "alias_name": name,
                    "alias_domain_id": self.mail_alias_domain.id,
                    "alias_model_id": self.env["ir.model"]._get_id("res.partner"),
                }
            )
        self._held(1, subject="Another")
        digest = self.digest()
        self.assertIn(self.at_domain("nobodi"), str(digest.body_html))
        links = self.links(digest)
        self.assertEqual({"choose", "choose_second"}, set(links) - {"discard", "block"})

    def test_what_a_check_stopped_can_be_released(self):
        self.held.reason_code = "rule_hold"
        self.assertIn("release", self.links(self.digest()))

    def test_what_can_do_harm_does_not_stand_first(self):
        self.held.reason_code = "forged_sender"
        self.assertEqual(list(self.links(self.digest()))[-1], "release")

    def test_where_nothing_waits_there_is_no_mail(self):
        self.held.action_discard()
        self.assertEqual(self.digests(), {})

    def test_each_user_gets_what_he_may_see(self):
        nobody = new_test_user(self.env, "digest_nobody", email="no@test.example")
        self.router.digest_user_ids = (
            self.manager + self.reader + self.stranger + nobody
        )
        digests = self.digests()
        self.assertEqual(set(digests), {self.manager.email, self.reader.email})
        # Who may not decide can only look.
        self.assertEqual(self.links(digests[self.reader.email]), {})
        self.assertIn("A question", digests[self.reader.email].body_html)

    def test_two_companies_of_one_user_are_in_one_mail(self):
        self.manager.company_ids += self.company_2
        other = self._held(1, subject="Of the other company")
        other.company_id = self.company_2
        mail = self.digest()
        self.assertIn("Of the other company", mail.body_html)
        self.assertIn("A question", mail.body_html)

    def test_a_long_list_is_cut_and_says_so(self):
        self._held_many([{}] * 52)
        mail = self.digest()
        self.assertEqual(mail.subject, "To Decide: 53 emails are waiting for you")
        self.assertEqual(len(LINK.findall(str(mail.body_html))), 3 * 50)
        self.assertRegex(str(mail.body_html), r"And\s+3\s+more")

    def test_it_is_in_the_users_language_and_time(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.manager.write({"lang": "fr_FR", "tz": "Asia/Ho_Chi_Minh"})
        view = self.env.ref("mail_catchall_router.quarantine_digest")
        view.update_field_translations("arch_db", {"fr_FR": {"Discard": "Supprimer"}})
        self.assertIn("Supprimer", self.digest().body_html)

    def test_nothing_hostile_gets_into_it(self):
        self._held_many(
            [
                {"subject": vector, "email_from": f'"{vector}" <x@evil.example>'}
                for vector in (vector.replace("\0", "") for vector in VECTORS)
            ]
        )
        body = str(self.digest().body_html)
        found = [one for one in offences(body) if " style=" not in one]
        self.assertEqual(found, [])
        for tag in re.findall(r"<[^>]*>", body):
            self.assertNotIn("evil.example", tag)

    def test_a_sender_writes_into_no_other_line_and_no_header(self):
        self.held.write(
            {
                "subject": "Hi\r\nBcc: victim@evil.example\u202egnp.exe" + "x" * 500,
                "email_from": "Lan\r\nX-Evil: yes <lan@customer.example>",
            }
        )
        mail = self.digest()
        self.assertNotIn("\u202e", mail.body_html)
        self.assertNotIn("x" * 200, mail.body_html)
        with self.mock_smtplib_connection():
            mail.send()
        self.assertEqual(self.emails[0]["smtp_to_list"], [self.manager.email])
        header = self.emails[0]["message"].partition("\r\n\r\n")[0]
        for name in ("Bcc", "X-Evil"):
            self.assertNotIn(f"\n{name}:", header)
        self.assertIn("Auto-Submitted: auto-generated", header)


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestDigestLinks(DigestCommon, HttpCase):
    """Following the links of a digest."""

    def setUp(self):
        super().setUp()
        self.held.reason_code = "rule_hold"
        self.urls = self.links(self.digest())
        self.authenticate("digest_manager", "digest_manager")

    def press(self, url):
        """Follow a link and press the button of the page."""
        page = self.url_open(url)
        self.assertEqual(page.status_code, 200, page.text)
        fields = dict(
            re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text)
        )
        self.assertIn("csrf_token", fields)
        return self.url_open(urlsplit(url).path, data=fields)

    def link(self, action="discard", user=None, message=None, expires=None):
        """Return a signed link as a digest would have it."""
        decision = decision_links.Decision(
            (message or self.held).id,
            action,
            (user or self.manager).id,
            expires or int(time.time()) + 1000,
        )
        parameters = decision_links.make(
            self.router._signing_keys()[0], self.router._database_id(), decision
        )
        query = "&".join(f"{name}={value}" for name, value in parameters.items())
        return f"/mail_catchall_router/decide?{query}"

    def assertUntouched(self, page, status, sentence):
        self.assertEqual(page.status_code, status, page.text)
        self.assertIn(sentence, unescape(page.text))
        self.assertEqual(self.held.state, "held")

    def test_following_a_link_only_asks(self):
        for action, url in self.urls.items():
            page = self.url_open(url)
            self.assertUntouched(page, 200, "A question")
            self.assertIn("<form", page.text, action)
            self.assertEqual(page.headers["Cache-Control"], "no-store")
            self.assertIn("'none'", page.headers["Content-Security-Policy"])
        self.assertEqual(self.url_open(url, method="HEAD").status_code, 200)
        self.assertEqual(self.held.state, "held")

    def test_the_page_is_in_the_users_language_whatever_the_browsers_is(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.manager.lang = "fr_FR"
        view = self.env.ref("mail_catchall_router.decide_page")
        terms = {"fr_FR": {"Open the Mail": "Ouvrir le message"}}
        view.update_field_translations("arch_db", terms)
        headers = {"Accept-Language": "en-US,en"}
        page = self.url_open(self.urls["discard"], headers=headers)
        self.assertIn("Ouvrir le message", page.text)

    def test_discard(self):
        page = self.press(self.urls["discard"])
        self.assertIn("Discarded", page.text)
        self.assertEnd(self.held, "ignored", "discarded")
        self.assertEqual(self.held.decided_user_id, self.manager)
        self.assertIn("digest_manager", self.held.why)

    def test_block(self):
        self.press(self.urls["block"])
        self.assertEnd(self.held, "ignored", "blocked")
        entry = self.env["mail.catchall.sender"].search([])
        self.assertEqual(entry.pattern, "lan@customer.example")

    def test_release(self):
        page = self.press(self.urls["release"])
        self.assertIn("Released", page.text)
        self.assertTrue(self.held.released)

    def test_deliver_to_the_address_that_was_meant(self):
        for name in ("nobodi", "nobodo"):
            self._create_alias(name)
        meant = self._held(1, subject="Another")
        page = self.press(self.link("choose", message=meant))
        self.assertIn("Routed", page.text)
        self.assertEnd(meant, "delivered")

    def test_deliver_to_another_address_that_was_meant(self):
        for name in ("nobodi", "nobodo"):
            self._create_alias(name)
        meant = self._held(1, subject="Another")
        second = meant.candidate_ids[1]
        url = self.link("choose_second", message=meant)
        self.assertIn(f"Deliver to {second.address}", self.url_open(url).text)
        self.press(url)
        self.assertEnd(meant, "delivered")
        self.assertEqual(meant.delivery_ids.alias_id, second.alias_id)

    def test_where_nobody_knows_which_address_was_meant_nothing_happens(self):
        self.held.candidate_ids.unlink()
        page = self.press(self.link("choose"))
        self.assertEqual(page.status_code, 409)
        self.assertEqual(self.held.state, "held")

    def test_releasing_what_a_check_stopped_says_what_happens(self):
        self.held.reason_code = "forged_sender"
        page = self.url_open(self.link("release"))
        self.assertUntouched(page, 200, "as if the sender were real")
        self.assertIn("btn-danger", page.text)
        self.held.reason_code = "rule_hold"
        page = self.url_open(self.link("release"))
        self.assertNotIn("as if the sender were real", unescape(page.text))

    def test_a_link_that_was_used_does_nothing_again(self):
        self.press(self.urls["discard"])
        page = self.url_open(self.urls["release"])
        self.assertEqual(page.status_code, 409)
        self.assertIn("no longer waiting", page.text)
        self.assertNotIn("<form", page.text)
        steps = len(self.held.trace)
        self.url_open(self.urls["discard"])
        self.assertEqual(len(self.held.trace), steps)

    def test_a_forged_link_does_nothing(self):
        other = self._held(1)
        for old, new in (
            (f"m={self.held.id}&", f"m={other.id}&"),
            ("a=release", "a=discard"),
            ("e=", "e=9"),
            ("s=", "s=0"),
            ("a=release", "a=unlink"),
        ):
            url = self.urls["release"].replace(old, new, 1)
            self.assertNotEqual(url, self.urls["release"])
            page = self.url_open(url)
            self.assertUntouched(page, 400, "not complete, or somebody has changed it")
            self.assertEqual(other.state, "held")
        page = self.url_open("/mail_catchall_router/decide")
        self.assertUntouched(page, 400, "not complete")

    def test_a_signed_link_for_what_is_no_decision_does_nothing(self):
        page = self.url_open(self.link("unlink"))
        self.assertUntouched(page, 400, "not complete")

    def test_an_old_link_does_nothing(self):
        page = self.url_open(self.link(expires=int(time.time()) - 1))
        self.assertUntouched(page, 410, "too old")

    def test_a_link_is_for_the_user_who_got_it(self):
        page = self.url_open(self.link(user=self.reader))
        self.assertUntouched(page, 403, "somebody else")

    def test_nobody_decides_without_being_logged_in(self):
        self.authenticate(None, None)
        page = self.url_open(self.urls["discard"], allow_redirects=False)
        self.assertEqual(page.status_code, 303)
        self.assertIn("/web/login?redirect=", page.headers["Location"])
        self.assertIn("%2Fdecide%3F", page.headers["Location"])
        self.assertEqual(self.held.state, "held")

    def test_the_button_needs_the_forms_own_token(self):
        url = self.urls["discard"]
        fields = {
            name: value[0] for name, value in parse_qs(urlsplit(url).query).items()
        }
        for token in ({}, {"csrf_token": "forged"}):
            with mute_logger("odoo.http"):
                page = self.url_open(urlsplit(url).path, data={**fields, **token})
            self.assertEqual(page.status_code, 400)
            self.assertEqual(self.held.state, "held")

    def test_a_mail_of_another_company_is_not_there(self):
        self.authenticate("digest_stranger", "digest_stranger")
        page = self.url_open(self.link(user=self.stranger))
        self.assertUntouched(page, 404, "no longer exists, or you may no longer see it")
        self.assertNotIn("A question", page.text)

    def test_who_may_only_look_may_not_decide(self):
        self.authenticate("digest_reader", "digest_reader")
        url = self.link(user=self.reader)
        page = self.press(url)
        self.assertEqual(page.status_code, 409)
        self.assertEqual(self.held.state, "held")

    def test_who_left_the_group_sees_nothing(self):
        self.manager.group_ids = self.env.ref("base.group_user")
        page = self.url_open(self.urls["discard"])
        self.assertUntouched(page, 404, "no longer exists, or you may no longer see it")

    def test_nothing_hostile_is_on_the_page(self):
        self.held.subject = "".join(VECTORS[:8])
        page = self.url_open(self.urls["discard"]).text
        self.assertNotIn("<script>hacked", page)
        for tag in re.findall(r"<[^>]*>", page):
            self.assertNotIn("evil.example", tag)
