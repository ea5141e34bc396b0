from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.servers.sign_in import (
    GMAIL,
    OUTLOOK,
    check,
    details,
    is_accepted_address,
    is_sign_in,
    refusal,
)

GOOGLE_ID = "123-abc.apps.googleusercontent.com"
GUID = "0f8fad5b-d9cb-469f-a165-70867728950e"


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestSignIn(BaseCase):
    """What was copied out of the provider's pages is looked at field by field."""

    def test_what_is_right(self):
        self.assertEqual(check(GMAIL, GOOGLE_ID, "GOCSPX-abc"), "")
        self.assertEqual(check(OUTLOOK, GUID, "abc8Q~secret"), "")

    def test_what_is_wrong(self):
        for provider, client_id, secret, expected in (
            (GMAIL, "", "GOCSPX-abc", "no_id"),
            (GMAIL, GOOGLE_ID, "", "no_secret"),
            (GMAIL, "GOCSPX-abc", GOOGLE_ID, "swapped"),
            (GMAIL, GUID, "GOCSPX-abc", "wrong_id"),
            (OUTLOOK, "abc8Q~secret", GUID, "swapped"),
            (OUTLOOK, GUID, GUID.upper(), "id_twice"),
            (OUTLOOK, GUID, GUID.replace("0", "1"), "id_of_secret"),
            (GMAIL, GOOGLE_ID, GOOGLE_ID, "id_twice"),
            (GMAIL, GOOGLE_ID, "GOCSPX-abc def", "torn_secret"),
            (OUTLOOK, GOOGLE_ID, "abc8Q~secret", "wrong_id"),
        ):
            with self.subTest(client_id=client_id, secret=secret):
                self.assertEqual(check(provider, client_id, secret), expected)

    def test_why_no_sign_in_came_about_is_known_by_its_code(self):
        for words, reason in (
            ("access_denied", "denied"),
            ("access_denied: You said no.", "denied"),
            ("access_denied: AADSTS65004: User declined to consent.", "denied"),
            # What is more exact counts, wherever core has put it.
            ("access_denied: AADSTS90094: Needs an administrator.", "admin"),
            ("No token. AADSTS7000222: The provided keys are expired.", "old_secret"),
            ("no_token: An error occurred.", "no_token"),
            ("invalid_client: AADSTS99999: Never heard of", "secret"),
            ("AADSTS900941: Longer than a code that is known", ""),
            ("What access_denied is, nobody knows", ""),
            ("", ""),
        ):
            with self.subTest(words=words):
                self.assertEqual(refusal(words), reason)

    def test_what_a_person_reads_is_without_our_own_code(self):
        for words, shown in (
            ("no_token: An error occurred.", "An error occurred."),
            ("access_denied: You said no.", "access_denied: You said no."),
            ("", ""),
        ):
            self.assertEqual(details(words), shown)

    def test_addresses_that_people_may_come_back_to(self):
        for address in ("https://odoo.test/x", "http://localhost:8069/x"):
            self.assertTrue(is_accepted_address(address))
        for address in ("http://odoo.test/x", "http://localhost.odoo.test/x"):
            self.assertFalse(is_accepted_address(address))

    def test_a_renewed_token_is_no_sign_in(self):
        token = {"google_gmail_refresh_token": "1//abc"}
        self.assertTrue(is_sign_in("google_gmail", {**token, "active": True}))
        self.assertFalse(is_sign_in("google_gmail", token))
        self.assertFalse(is_sign_in("google_gmail", {"active": True}))
        self.assertFalse(is_sign_in("microsoft_outlook", {**token, "active": True}))
        self.assertFalse(is_sign_in("", {"active": True, "_refresh_token": "x"}))
