import json

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged

from .test_router_health import HealthCommon

USER_GROUP = "mail_catchall_router.group_mail_catchall_router_user"
MANAGER_GROUP = "mail_catchall_router.group_mail_catchall_router_manager"
PATH = "/mail_catchall_router/health"


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestHealthRoute(HealthCommon, HttpCase):
    """Monitoring systems ask with a token, and learn nothing of any mail."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_router = cls.env["mail.catchall.router"].create(
            {"name": "Other company's", "company_id": cls.company_2.id}
        )
        cls.token = cls._make_token(cls.router)
        cls.other_token = cls._make_token(cls.other_router)

    @classmethod
    def _make_token(cls, router):
        action = router.action_make_health_token()
        shown = cls.env[action["res_model"]].browse(action["res_id"])
        return shown.with_context(**action["context"]).token

    def ask(self, token=None, router=None, query=""):
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        number = self.router.id if router is None else router
        return self.url_open(f"{PATH}?router={number}{query}", headers=headers)

    def test_a_router_that_works_answers_200_and_json(self):
        answer = self.ask(self.token)
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(answer.headers["Content-Type"], "application/json")
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        content = answer.json()
        self.assertEqual(content["status"], "ok")
        self.assertEqual(content["items"]["held"]["code"], "none")
        self.assertNotIn("session_id", answer.cookies)

    def test_a_warning_answers_200_and_a_problem_503(self):
        self.router.write(self.router._values_of_junk({"Spam": 2}))
        answer = self.ask(self.token)
        self.assertEqual(
            (answer.status_code, answer.json()["status"]), (200, "warning")
        )
        self.crons[0].active = False
        answer = self.ask(self.token)
        self.assertEqual(
            (answer.status_code, answer.json()["status"]), (503, "problem")
        )

    def test_without_the_right_token_nothing_is_told_not_even_what_there_is(self):
        unknown = self.router.search([], order="id desc", limit=1).id + 1000
        router = self.router
        self.assertFalse(self.ask("").json().get("items"))
        answers = [
            self.ask(),
            self.ask(""),
            self.ask("wrong"),
            self.ask(self.other_token),
            self.ask(self.token, self.other_router.id),
            self.ask(self.token, unknown),
            self.ask(self.token, 10**30),
            self.ask(self.token, "0"),
            self.ask(self.token, "-1"),
            self.ask(self.token, "%D9%A1"),
            self.ask(self.token, "1%20OR%201=1"),
            self.ask(router.sudo().health_token_hash),
            self.ask(None, query=f"&token={self.token}"),
            self.url_open(PATH, headers={"Authorization": f"Bearer {self.token}"}),
            self.url_open(
                f"{PATH}?router={router.id}",
                headers={"Authorization": f"Basic {self.token}"},
            ),
        ]
        told = {(one.status_code, one.text) for one in answers}
        self.assertEqual(told, {(401, json.dumps({"status": "unauthorized"}))})

    def test_a_router_without_a_token_answers_nobody(self):
        self.router.action_forget_health_token()
        for token in ("", self.token, "False", "None"):
            self.assertEqual(self.ask(token).status_code, 401)

    def test_an_archived_router_answers_nobody(self):
        self.router.active = False
        self.assertEqual(self.ask(self.token).status_code, 401)

    def test_a_new_token_ends_the_old_one(self):
        new = self._make_token(self.router)
        self.assertEqual(self.ask(self.token).status_code, 401)
        self.assertEqual(self.ask(new).status_code, 200)

    def test_no_names_words_or_addresses_are_told(self):
        self.route(self.mail(self.at_domain("nobody-there"), subject="Very private"))
        self.server.write(
            {
                "error_date": self.ago(hours=1),
                "error_message": f"login {self.account} refused",
                "catchall_failures": 9,
            }
        )
        self.router.write(self.router._values_of_junk({"Private folder": 1}))
        self.smtp_server.catchall_limit_day = 10
        text = self.ask(self.token).text
        for private in (
            "customer.example",
            "private",
            "Private",
            self.domain,
            self.router.name,
            self.server.name,
            "refused",
            "@",
        ):
            self.assertNotIn(private, text)
        items = json.loads(text)["items"]
        self.assertEqual(items["held"]["count"], 1)
        self.assertEqual(items["incoming"]["code"], "fails")

    def test_the_token_is_stored_nowhere(self):
        hashed = self.router.sudo().health_token_hash
        self.assertNotIn(self.token, hashed)
        self.assertEqual(len(hashed), 64)
        stored = self.env["mail.catchall.health.token"].search([])
        self.assertFalse(any(stored.mapped("token")))

    def test_only_administrators_of_the_company_make_tokens(self):
        reader = new_test_user(
            self.env, "token-reader", USER_GROUP, company_id=self.env.company.id
        )
        stranger = new_test_user(
            self.env, "token-stranger", MANAGER_GROUP, company_id=self.company_2.id
        )
        for user in (reader, stranger):
            with self.assertRaises(AccessError):
                self.router.with_user(user).action_make_health_token()
        with self.assertRaises(AccessError):
            self.router.with_user(stranger).read(["health_token_hash"])

    def test_the_hash_can_be_read_by_nobody(self):
        with self.assertRaises(AccessError):
            self.router.with_user(self.user_admin).read(["health_token_hash"])
