from odoo.tests import TransactionCase, tagged

from ..models import mail_catchall_signed_in


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestTokens(TransactionCase):
    """Who renews a token beside somebody else gets one of his own."""

    PROVIDERS = {
        "google_gmail": (
            "_generate_oauth2_string",
            "_fetch_gmail_access_token",
            ("me@tenmien.test", "refresh"),
            ("fresh", 2**31 - 1),
        ),
        "microsoft_outlook": (
            "_generate_outlook_oauth2_string",
            "_fetch_outlook_access_token",
            ("me@tenmien.test",),
            ("refresh", "fresh", "", 2**31 - 1),
        ),
    }

    def answers(self, model, is_free):
        """Yield (prefix, the server, what core's sign-in answers) at each provider."""
        name = "server" if model == "fetchmail.server" else "smtp_host"
        for prefix, (method, fetch, arguments, fetched) in self.PROVIDERS.items():
            server = self.env[model].create({"name": prefix, name: "localhost"})
            self.patch(type(server), fetch, lambda *_args, given=fetched: given)
            server[f"{prefix}_refresh_token"] = "refresh"
            self.patch(mail_catchall_signed_in, "try_hold", lambda _records: is_free)
            yield prefix, server, getattr(server, method)(*arguments)

    def test_a_token_that_is_over_is_renewed_and_kept(self):
        for model in ("fetchmail.server", "ir.mail_server"):
            for prefix, server, answer in self.answers(model, is_free=True):
                self.assertEqual(answer, "user=me@tenmien.test\1auth=Bearer fresh\1\1")
                self.assertEqual(server[f"{prefix}_access_token"], "fresh")

    def test_a_token_that_somebody_else_renews_is_asked_for_and_not_kept(self):
        for model in ("fetchmail.server", "ir.mail_server"):
            for prefix, server, answer in self.answers(model, is_free=False):
                self.assertEqual(answer, "user=me@tenmien.test\1auth=Bearer fresh\1\1")
                self.assertFalse(server[f"{prefix}_access_token"])

    def test_a_token_that_is_refused_is_renewed_before_its_time(self):
        for prefix, server, _answer in self.answers("ir.mail_server", is_free=True):
            method, fetch, arguments, fetched = self.PROVIDERS[prefix]
            newer = tuple("newer" if one == "fresh" else one for one in fetched)
            self.patch(type(server), fetch, lambda *_args, given=newer: given)
            self.assertIn("fresh", getattr(server, method)(*arguments))
            refused = server.with_context(catchall_renew_token=True)
            self.assertIn("newer", getattr(refused, method)(*arguments))
