import base64
import json
from unittest.mock import patch
from urllib.parse import quote_plus

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import mute_logger

from ...tools.inbound import sns
from ..common import RouterCommon
from ..tools.test_tools_sns import Amazon

MANAGER_GROUP = "mail_catchall_router.group_mail_catchall_router_manager"
USER_GROUP = "mail_catchall_router.group_mail_catchall_router_user"
RAW = b"message/rfc822"


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestIntakeRoute(RouterCommon, HttpCase):
    """Mail that is posted is in the journal, once, with its envelope."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.token = cls._make_token(cls.router)

    @classmethod
    def _make_token(cls, router):
        action = router.action_make_intake_token()
        shown = cls.env[action["res_model"]].browse(action["res_id"])
        return shown.with_context(**action["context"]).token

    def post(self, data=b"", query="", router=None, kind="message/rfc822", **options):
        """Post to the intake.

        :param options: headers, or ``token``; ``files``
        """
        token = options.pop("token", self.token)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if kind:
            headers["Content-Type"] = kind
        headers.update(options.pop("headers", {}))
        number = router or self.router.id
        url = f"/mail_router/intake/{number}{query}"
        return self.url_open(url, data, headers=headers, method="POST", **options)

    def taken(self):
        return self.env["mail.catchall.message"].search(
            [("router_id", "=", self.router.id)]
        )

    def assertAnswer(self, answer, status, words=None):
        self.assertEqual(answer.status_code, status, answer.text)
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        if words:
            self.assertEqual(answer.json()["status"], words)

    # ------------------------------------------------------------
    # MAIL
    # ------------------------------------------------------------

    def test_a_mail_to_nobody_visible_reaches_whom_the_envelope_names(self):
        raw = self.mail(to="undisclosed@elsewhere.example")
        answer = self.post(
            raw, f"?to={self.at_domain('sales')}&from=bounce@customer.example"
        )
        self.assertAnswer(answer, 200, "taken")
        self.assertNotIn("session_id", answer.cookies)
        (message,) = self.taken()
        self.assertEqual(message.entrance, "pipe")
        self.assertTrue(message._raw_bytes().endswith(raw))
        message._route()
        self.assertEqual(message.delivery_ids.recipient, self.at_domain("sales"))
        self.assertEqual(message.state, "delivered")

    def test_the_same_request_again_changes_nothing(self):
        raw = self.mail(to=self.at_domain("sales"))
        query = f"?to={self.at_domain('sales')}"
        self.assertAnswer(self.post(raw, query), 200, "taken")
        self.assertAnswer(self.post(raw, query), 200, "known")
        self.assertEqual(len(self.taken()), 1)
        # To somebody else it is another copy, as a mailbox would have it.
        self.assertAnswer(self.post(raw, f"?to={self.at_domain('jobs')}"), 200, "taken")
        self.assertEqual(len(self.taken()), 2)

    def test_a_mail_that_no_server_has_seen_is_known_by_its_number(self):
        raw = b"From: a@customer.example\nMessage-ID: <7@customer.example>\n\nHello\n"
        for words in ("taken", "known"):
            self.assertAnswer(self.post(raw), 200, words)

    def test_an_alarm_that_says_nothing_of_itself_is_one_each_time(self):
        raw = b"From: alarm@customer.example\n\nThe backup failed.\n"
        for words in ("taken", "taken"):
            self.assertAnswer(self.post(raw), 200, words)
        for words in ("taken", "known"):
            answer = self.post(raw, headers={"Idempotency-Key": "run 7"})
            self.assertAnswer(answer, 200, words)

    def test_a_stranger_cannot_write_the_envelope_into_his_mail(self):
        raw = b"X-Original-To: %s\r\n" % self.at_domain("sales").encode()
        raw += self.mail(to="undisclosed@elsewhere.example").partition(b"Received")[0]
        raw += b"From: a@customer.example\r\nSubject: Forged\r\n\r\nHello\r\n"
        self.assertAnswer(self.post(raw), 200)
        message = self.taken()[:1]
        message._route()
        self.assertNotEqual(message.state, "delivered")

    def test_forms_of_providers(self):
        raw = self.mail(to=self.at_domain("sales"))
        sales = self.at_domain("sales")
        envelope = json.dumps({"to": [sales], "from": "a@customer.example"})
        mailgun = {"recipient": sales, "sender": "a@customer.example", "body-mime": raw}
        for name, query, data, files in (
            ("Mailgun", "/mime", mailgun, None),
            ("SendGrid", "", {"email": raw, "envelope": envelope}, {"x": b""}),
            ("curl -F", f"?to={sales}", {}, {"email": ("mail.eml", raw)}),
        ):
            with self.subTest(name):
                self.taken().unlink()
                answer = self.post(data, query, kind=None, files=files)
                self.assertAnswer(answer, 200, "taken")
                written = self.taken()._raw_bytes()
                self.assertIn(f"X-Original-To: {sales}".encode(), written)
                self.assertTrue(written.endswith(raw))

    def test_a_mail_in_a_form_may_be_as_large_as_any_and_of_any_bytes(self):
        head = self.mail(to=self.at_domain("sales"))
        raw = head + (b"caf\xe9 \x00 \xff" + b"x" * 1000 + b"\r\n") * 11 * 1024
        self.assertGreater(len(raw), 10 * 1024 * 1024)
        for query, kind, body in (
            ("/mime", "application/x-www-form-urlencoded", self.urlencoded(raw)),
            ("", "multipart/form-data; boundary=edge", self.multipart(raw)),
        ):
            with self.subTest(kind):
                self.taken().unlink()
                self.assertAnswer(self.post(body, query, kind=kind), 200, "taken")
                self.assertTrue(self.taken()._raw_bytes().endswith(raw))

    def test_a_large_form_that_meets_another_transaction_is_taken_again(self):
        raw = self.mail(to=self.at_domain("sales")) + b"x" * 11 * 1024 * 1024
        failures = ["DO $$ BEGIN RAISE serialization_failure; END $$"]
        take_in = type(self.router)._take_in

        def fail_once(router, *arguments):
            if failures:
                router.env.cr.execute(failures.pop(), log_exceptions=False)
            return take_in(router, *arguments)

        kind = "multipart/form-data; boundary=edge"
        with patch.object(type(self.router), "_take_in", fail_once):
            answer = self.post(self.multipart(raw), kind=kind)
        self.assertAnswer(answer, 200, "taken")
        self.assertTrue(self.taken()._raw_bytes().endswith(raw))

    def urlencoded(self, raw):
        return b"recipient=%s&body-mime=%s" % (
            self.at_domain("sales").encode(),
            quote_plus(raw).encode(),
        )

    def multipart(self, raw):
        return b"".join(
            (
                b'--edge\r\nContent-Disposition: form-data; name="email"\r\n\r\n',
                raw,
                b"\r\n--edge--\r\n",
            )
        )

    def test_an_envelope_in_other_letters_is_told_as_servers_write_it(self):
        address = self.at_domain("người")
        headers = {"X-Envelope-To": address.encode(), "X-Envelope-From": b"<\xe9>"}
        answer = self.post(self.mail(to="a@elsewhere.example"), headers=headers)
        self.assertAnswer(answer, 200, "taken")
        line = f"X-Original-To: {address}\r\n".encode()
        self.assertTrue(self.taken()._raw_bytes().startswith(line))

    def test_the_address_may_end_with_a_slash(self):
        raw = self.mail(to=self.at_domain("sales"))
        for end, words in (("/", "taken"), ("/mime/", "known")):
            self.assertAnswer(self.post(raw, end), 200, words)

    def test_while_no_database_can_be_reached_the_sender_keeps_his_mail(self):
        raw = self.mail(to=self.at_domain("sales"))
        self.opener.cookies.clear()
        for number in (self.router.id, self.router.id + 1000):
            headers = {"X-Odoo-Database": "no_such_database"}
            answer = self.post(raw, router=number, headers=headers)
            self.assertAnswer(answer, 503)
            self.assertIn("X-Odoo-Database", answer.json()["status"])
            self.assertTrue(answer.headers["Retry-After"])

    def test_postmark(self):
        raw = self.mail(to=self.at_domain("sales")).decode()
        data = {"RawEmail": raw, "OriginalRecipient": self.at_domain("sales")}
        answer = self.post(json.dumps(data), kind="application/json")
        self.assertAnswer(answer, 200, "taken")
        self.assertTrue(self.taken()._raw_bytes().endswith(raw.encode()))

    # ------------------------------------------------------------
    # WHO AND HOW MUCH
    # ------------------------------------------------------------

    def test_without_the_routers_token_nothing_is_taken(self):
        other = self.env["mail.catchall.router"].create({"name": "Another"})
        other_token = self._make_token(other)
        raw = self.mail(to=self.at_domain("sales"))
        for token, router in (
            (None, None),
            ("", None),
            ("wrong", None),
            (other_token, None),
            (self.token, other.id),
            (self.token, other.id + 1000),
            (self.token, 2**40),
        ):
            with self.subTest(token=token, router=router):
                answer = self.post(raw, token=token, router=router)
                self.assertAnswer(answer, 401, "unauthorized")
                self.assertIn("Basic", answer.headers["WWW-Authenticate"])
        self.router.action_forget_intake_token()
        self.assertAnswer(self.post(raw), 401)
        self.assertFalse(self.taken())

    def test_the_password_of_basic_authentication_is_the_token(self):
        pair = base64.b64encode(f"mail:{self.token}".encode()).decode()
        headers = {"Authorization": f"Basic {pair}"}
        answer = self.post(self.mail(to=self.at_domain("sales")), headers=headers)
        self.assertAnswer(answer, 200, "taken")

    def test_who_drops_mail_after_a_4xx_is_asked_to_come_again(self):
        answer = self.post(b"", "?refuse=503", token="wrong")
        self.assertAnswer(answer, 503, "unauthorized")
        self.assertTrue(answer.headers["Retry-After"])

    def test_what_is_too_large_is_not_read(self):
        self.router.max_size = 1
        megabyte = self.mail(to=self.at_domain("sales")) + b"x" * 1024 * 1024
        self.assertAnswer(self.post(megabyte), 413)
        with patch.object(type(self.router), "_read_posted_json") as read:
            answer = self.post(b"{" + b" " * 3 * 1024 * 1024, kind="application/json")
        self.assertEqual(answer.status_code, 413)
        read.assert_not_called()
        with patch.object(type(self.router), "_read_posted_json") as read:
            answer = self.post(b"{" * 1024 * 1024, token="wrong", kind="text/plain")
        self.assertAnswer(answer, 401)
        read.assert_not_called()
        self.assertFalse(self.taken())

    def test_what_is_no_mail_is_refused(self):
        for data, kind in (
            (b"", "message/rfc822"),
            (b"{}", "application/json"),
            (b'{"Type": ["Notification"], "Signature": 1}', "application/json"),
            (b"--edge", "multipart/form-data; boundary=edge"),
            (b"email=", "multipart/form-data"),
        ):
            self.assertAnswer(self.post(data, kind=kind), 422)

    def test_while_too_much_waits_and_in_a_copy_the_sender_keeps_his_mail(self):
        raw = self.mail(to=self.at_domain("sales"))
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("database.is_neutralized", "true")
        self.assertAnswer(self.post(raw), 503)
        parameters.set_param("database.is_neutralized", False)
        self.assertAnswer(self.post(raw), 200)
        self.router.max_backlog = 1
        self.assertAnswer(self.post(self.mail(to=self.at_domain("jobs"))), 503)

    def test_only_the_hash_of_the_token_is_stored_and_managers_make_it(self):
        self.env.flush_all()
        self.env.cr.execute("SELECT * FROM mail_catchall_router")
        self.assertNotIn(self.token, str(self.env.cr.fetchall()))
        reader = new_test_user(self.env, "intake_reader", groups=USER_GROUP)
        with self.assertRaises(AccessError):
            self.router.with_user(reader).action_make_intake_token()
        manager = new_test_user(self.env, "intake_manager", groups=MANAGER_GROUP)
        router = self.router.with_user(manager)
        token = self._make_token(router)
        self.assertIn(token, self._shown_command(router, token))

    def _shown_command(self, router, token):
        shown = self.env["mail.catchall.intake.token"].create({"router_id": router.id})
        return shown.with_context(catchall_shown_token=token).command

    # ------------------------------------------------------------
    # AMAZON
    # ------------------------------------------------------------

    def amazon(self, data, answers):
        """Post a message of SNS, while Amazon answers so to its addresses."""
        self.env.registry.clear_cache()

        def ask(_model, url):
            self.asked.append(url)
            return answers[url]

        self.asked = []
        with patch.object(type(self.router), "_ask_amazon", ask):
            return self.post(json.dumps(data), kind="text/plain; charset=UTF-8")

    def test_amazons_mail_is_taken_when_amazon_has_signed_it(self):
        amazon = Amazon()
        raw = self.mail(to="undisclosed@elsewhere.example")
        content = {
            "mail": {"source": "a@customer.example"},
            "receipt": {
                "recipients": [self.at_domain("sales")],
                "action": {"encoding": "BASE64"},
            },
            "content": base64.b64encode(raw).decode(),
        }
        data = amazon.notification(json.dumps(content))
        url = data["SigningCertURL"]
        self.assertAnswer(self.amazon(data, {url: amazon.pem}), 200, "taken")
        self.assertTrue(self.taken()._raw_bytes().endswith(raw))
        self.assertAnswer(self.amazon(data, {url: Amazon().pem}), 422)
        data["SigningCertURL"] = "https://evil.example/SimpleNotificationService.pem"
        self.assertAnswer(self.amazon(data, {}), 422)
        self.assertFalse(self.asked)
        self.assertEqual(len(self.taken()), 1)

    def test_what_is_no_certificate_is_asked_for_again(self):
        amazon = Amazon()
        raw = self.mail(to=self.at_domain("sales")).decode()
        data = amazon.notification(json.dumps({"content": raw}))
        url = data["SigningCertURL"]
        self.assertAnswer(self.amazon(data, {url: b"<html>Moved"}), 503)
        with patch.object(type(self.router), "_ask_amazon", lambda *_: amazon.pem):
            answer = self.post(json.dumps(data), kind="text/plain")
        self.assertAnswer(answer, 200, "taken")

    @mute_logger("odoo.addons.mail_catchall_router.models.collect.router_intake")
    def test_a_topic_that_asks_is_confirmed_at_amazon_alone(self):
        amazon = Amazon()
        confirm = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription"
        data = {
            "Type": sns.CONFIRMATION,
            "MessageId": "1",
            "Token": "t",
            "TopicArn": "arn:aws:sns:eu-west-1:123456789012:mail",
            "Message": "You have chosen to subscribe",
            "SubscribeURL": confirm,
            "Timestamp": "2026-11-29T12:00:00.000Z",
        }
        signed = amazon.sign(data)
        url = signed["SigningCertURL"]
        answers = {url: amazon.pem, confirm: b""}
        self.assertAnswer(self.amazon(signed, answers), 200, "subscribed")
        self.assertEqual(self.asked, [url, confirm])
        evil = amazon.sign({**data, "SubscribeURL": "https://evil.example/"})
        self.assertAnswer(self.amazon(evil, answers), 422)
        self.assertEqual(self.asked, [url])
        self.assertFalse(self.taken())
