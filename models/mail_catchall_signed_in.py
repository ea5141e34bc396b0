import time

from odoo import models

from .concurrency import try_hold

#: Seconds before its end from which on core takes a token for outdated, and some more.
OUTDATED = 60


class MailCatchallSignedIn(models.AbstractModel):
    """A mail server that somebody signs in to at Google or Microsoft, by Odoo's own
    apps: core renews its token while it connects.

    It stands before the server's model in ``_inherit``, as core's methods are those of
    mixins, too. With ``catchall_renew_token`` in the context, the token at hand is
    taken no more although its time is not over.
    """

    _name = "mail.catchall.signed.in"
    _description = "Mail Server With a Sign-In"

    def _catchall_sign_in(self):
        """Return the action that opens the sign-in window; for administrators."""
        prefix = self._catchall_token_prefix()
        return getattr(self, f"open_{prefix}_uri")()

    def _generate_oauth2_string(self, user, refresh_token):
        """Renew Google's token, without colliding with whoever is at it, too."""
        if self._catchall_may_renew("google_gmail"):
            return super()._generate_oauth2_string(user, refresh_token)
        return _answer(user, self._fetch_gmail_access_token(refresh_token)[0])

    def _generate_outlook_oauth2_string(self, login):
        """Renew Microsoft's token, without colliding with whoever is at it, too."""
        if self._catchall_may_renew("microsoft_outlook"):
            return super()._generate_outlook_oauth2_string(login)
        known = self.microsoft_outlook_refresh_token
        return _answer(login, self._fetch_outlook_access_token(known)[1])

    def _catchall_may_renew(self, prefix):
        """Tell whether core finds a token that is good, or may write a new one.

        Where another worker is renewing it, or has just done so, whoever wrote the
        second one on the same row would be refused by PostgreSQL. He asks for one that
        is not kept: both are good.

        :param prefix: what the names of the fields of tokens begin with
        """
        expiration = f"{prefix}_access_token_expiration"
        is_refused = self.env.context.get("catchall_renew_token")
        if not is_refused and (self[expiration] or 0) > time.time() + OUTDATED:
            return True
        may = try_hold(self)
        if may and is_refused:
            self[expiration] = 0
        return may


def _answer(login, token):
    """Return what XOAUTH2 answers, as core builds it."""
    return f"user={login}\1auth=Bearer {token}\1\1"
