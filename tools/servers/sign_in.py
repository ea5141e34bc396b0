"""What has to be registered once before Odoo can sign in at Google or Microsoft.

A person copies an id and a secret out of the provider's pages; what is copied in their
place is known by its form.
"""

import re
from collections.abc import Mapping

GMAIL, OUTLOOK = "gmail", "outlook"
#: Stands before the words of Odoo's own app where it got no token and says no code.
NO_TOKEN = "no_token"

_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_GOOGLE_ID = re.compile(r"[\w-]+\.apps\.googleusercontent\.com", re.IGNORECASE)
# Microsoft's own code stands in its words, which follow the code of RFC 6749.
_MICROSOFT_CODE = re.compile(r"\bAADSTS(\d{5,7})\b")
# Why no sign-in came about: RFC 6749 4.1.2.1 and 5.2, and what Google adds to them.
_ERRORS = {
    "access_denied": "denied",
    "admin_policy_enforced": "admin",
    "consent_required": "admin",
    "org_internal": "stranger",
    "invalid_client": "secret",
    NO_TOKEN: "no_token",
    "redirect_uri_mismatch": "address",
    "invalid_grant": "late",
    "server_error": "later",
    "temporarily_unavailable": "later",
}
# learn.microsoft.com/entra/identity-platform/reference-error-codes
_MICROSOFT_ERRORS = {
    "65004": "denied",
    **dict.fromkeys(("65001", "90093", "90094"), "admin"),
    "50105": "unassigned",
    **dict.fromkeys(("50020", "50034", "51004", "700016", "90072"), "stranger"),
    "50194": "single",
    **dict.fromkeys(("53000", "53001", "53002", "53003"), "policy"),
    "7000215": "secret",
    "7000222": "old_secret",
    "50011": "address",
    **dict.fromkeys(("50089", "54005", "70008"), "late"),
    **dict.fromkeys(("50033", "90033"), "later"),
}
_LOCAL = re.compile(r"http://(?:localhost|127\.0\.0\.1)(?::\d+)?(?:/|$)")


def check(provider: str, client_id: str, secret: str) -> str:
    """Return what is wrong with an id and a secret of GMAIL or OUTLOOK.

    "no_id", "no_secret", "wrong_id"; "id_of_secret" where Microsoft's id of the secret
    stands for the secret itself, "id_twice", "swapped"; "torn_secret" where a secret is
    not in one piece, or "" for nothing.
    """
    form = _GOOGLE_ID if provider == GMAIL else _GUID
    if not client_id:
        return "no_id"
    if not secret:
        return "no_secret"
    if not form.fullmatch(client_id):
        return "swapped" if form.fullmatch(secret) else "wrong_id"
    if secret.lower() == client_id.lower():
        return "id_twice"
    if form.fullmatch(secret):
        return "id_of_secret" if provider == OUTLOOK else "id_twice"
    return "torn_secret" if len(secret.split()) > 1 else ""


def refusal(words: str) -> str:
    """Return why somebody came back without having signed in, "" for not known.

    "denied" by the person, "admin" must consent first, "unassigned" to the application,
    "stranger" to the organization, "single" organization only, "policy" of it, "secret"
    or "old_secret", "address" to come back to, "late", "later" for try again, or
    "no_token" for somebody who has signed in, but without any use.

    `words`: the provider's: its code, a colon, and what it says besides.
    """
    known = _MICROSOFT_CODE.search(words)
    reason = _MICROSOFT_ERRORS.get(known[1]) if known else None
    return reason or _ERRORS.get(words.partition(":")[0].strip(), "")


def details(words: str) -> str:
    """Return the words of who let nobody in, as a person may read them: without the
    code that only we know.

    `words`: as :func:`refusal` takes them.
    """
    return words.removeprefix(f"{NO_TOKEN}: ")


def is_sign_in(prefix: str, values: Mapping[str, object]) -> bool:
    """Tell whether what Odoo's own app writes on a server is a sign-in, and not the
    renewal of a token: then a person has just come back from the provider.

    `prefix`: what the names of the app's fields begin with, "" for no app.
    """
    is_by_person = bool(prefix) and "active" in values
    return is_by_person and bool(values.get(f"{prefix}_refresh_token"))


def is_accepted_address(address: str) -> bool:
    """Tell whether both providers send people back to an address: an encrypted one, or
    one of this machine."""
    return address.startswith("https://") or bool(_LOCAL.match(address))
