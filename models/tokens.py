"""The tokens of Google and Microsoft that core renews while it signs in."""

import time

from .concurrency import try_hold

#: Seconds before its end from which on core takes a token for outdated, and some more.
OUTDATED = 60


def ask_google(server, login, refresh_token):
    """Return core's answer to Google's XOAUTH2 as :func:`_ask_aside` does."""

    def ask():
        return server._fetch_gmail_access_token(refresh_token)[0]

    return _ask_aside(server, "google_gmail", login, ask)


def ask_microsoft(server, login):
    """Return core's answer to Microsoft's XOAUTH2 as :func:`_ask_aside` does."""

    def ask():
        refresh_token = server.microsoft_outlook_refresh_token
        return server._fetch_outlook_access_token(refresh_token)[1]

    return _ask_aside(server, "microsoft_outlook", login, ask)


def _ask_aside(server, prefix, login, ask):
    """Return core's answer to XOAUTH2 with a new token that is not kept, where another
    worker is renewing the server's or has just done so: both tokens are good, and
    whoever wrote the second on the same row would be refused by PostgreSQL. "" where
    core finds a token that is good, or may write a new one.

    :param server: an ``ir.mail_server`` or a ``fetchmail.server``; with
        ``catchall_renew_token`` in its context its token is taken no more
    :param prefix: what the names of its fields of tokens begin with
    :param ask: asks the provider, and returns the token
    """
    expiration = f"{prefix}_access_token_expiration"
    is_refused = server.env.context.get("catchall_renew_token")
    if not is_refused and (server[expiration] or 0) > time.time() + OUTDATED:
        return ""
    if not try_hold(server):
        return f"user={login}\1auth=Bearer {ask()}\1\1"
    if is_refused:
        server[expiration] = 0
    return ""
