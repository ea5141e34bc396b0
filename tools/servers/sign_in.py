"""What has to be registered once before Odoo can sign in at Google or Microsoft.

A person copies an id and a secret out of the provider's pages; what is copied in their
place is known by its form.
"""

import re
from collections.abc import Mapping

GMAIL, OUTLOOK = "gmail", "outlook"

_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_GOOGLE_ID = re.compile(r"[\w-]+\.apps\.googleusercontent\.com", re.IGNORECASE)
_LOCAL = re.compile(r"http://(?:localhost|127\.0\.0\.1)(?::\d+)?(?:/|$)")


def check(provider: str, client_id: str, secret: str) -> str:
    """Return what is wrong with an id and a secret of GMAIL or OUTLOOK.

    "no_id", "no_secret", "wrong_id"; "id_of_secret" where Microsoft's id of the secret
    stands for the secret itself, "swapped", or "" for nothing.
    """
    form = _GOOGLE_ID if provider == GMAIL else _GUID
    if not client_id:
        return "no_id"
    if not secret:
        return "no_secret"
    if not form.fullmatch(client_id):
        return "swapped" if form.fullmatch(secret) else "wrong_id"
    if provider == OUTLOOK and _GUID.fullmatch(secret):
        return "id_of_secret"
    return ""


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
