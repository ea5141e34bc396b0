"""The sandbox's sign-in server: what accounts.google.com and login.microsoftonline.com
are to a mail account (RFC 6749, RFC 7662).

It shows a page that asks for consent, hands out tokens, renews and checks them; Dovecot
asks it of each token that somebody signs in with. Tokens can be let expire, be revoked,
and the consent be withdrawn, at any moment.

Odoo knows Microsoft's address by a setting (``microsoft_outlook.endpoint``), Google's
by heart. So it is a proxy, too (``HTTPS_PROXY``), that leads the names in `NAMES` here
and no other name anywhere.
"""

import argparse
import base64
import contextlib
import html
import http.client
import json
import secrets
import socket
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

GOOGLE_ID = "sandbox.apps.googleusercontent.com"
MICROSOFT_ID = "6d617962-6520-6e6f-7420-746f64617921"
CLIENT_IDS, CLIENT_SECRET = (GOOGLE_ID, MICROSOFT_ID), "sandbox-secret"
NAMES = (
    "accounts.google.com",
    "oauth2.googleapis.com",
    "www.googleapis.com",
    "login.microsoftonline.com",
)
#: How long (s) an access token is valid.
LIFETIME = 3600
CONSENT = """\
<!DOCTYPE html><title>Sign in</title><h1>{client} wants to read and send mail</h1>
<form action="/consent"><input type="hidden" name="request" value="{request}">
<label>Account <input name="login" value="{login}"></label>
<button name="answer" value="allow">Allow</button>
<button name="answer" value="deny">Deny</button></form>
"""


class Refusal(Exception):
    """What is answered instead of a token (RFC 6749 5.2)."""

    def __init__(self, error, description):
        super().__init__(description)
        self.answer = {"error": error, "error_description": description}


class Accounts:
    """Who has consented to what, and the tokens that came of it."""

    def __init__(self):
        self._lock = threading.Lock()
        self._requests = {}
        self._codes = {}
        self._refresh = {}
        self._access = {}
        #: How many access tokens were handed out.
        self.issued = 0

    # ------------------------------------------------------------------
    # CONSENT
    # ------------------------------------------------------------------

    def ask(self, values):
        """Return the page that asks for consent.

        :param values: the parameters of the authorization request (RFC 6749 4.1.1)
        :raises Refusal: when the client is unknown, or asks for no code
        """
        if values.get("client_id") not in CLIENT_IDS:
            raise Refusal("invalid_client", "AADSTS700016: no such application")
        if values.get("response_type") != "code" or not values.get("redirect_uri"):
            raise Refusal("invalid_request", "a code and an address are needed")
        request = secrets.token_urlsafe(12)
        with self._lock:
            self._requests[request] = values
        login = html.escape(values.get("login_hint", ""), quote=True)
        return CONSENT.format(client=values["client_id"], request=request, login=login)

    def decide(self, values):
        """Return the address that a person is sent to after the page.

        :raises Refusal: when nothing was asked
        """
        with self._lock:
            asked = self._requests.pop(values.get("request"), None)
        if asked is None:
            raise Refusal("invalid_request", "nothing was asked")
        if values.get("answer") == "allow":
            code = secrets.token_urlsafe(12)
            self._codes[code] = (values["login"], asked["redirect_uri"])
            found = {"code": code}
        else:
            found = {"error": "access_denied", "error_description": "You said no."}
        found["state"] = asked.get("state", "")
        return f"{asked['redirect_uri']}?{urlencode(found)}"

    # ------------------------------------------------------------------
    # TOKENS
    # ------------------------------------------------------------------

    def grant(self, values):
        """Return the answer to a request for tokens (RFC 6749 4.1.3, 6).

        :raises Refusal: when there are none
        """
        is_known = values.get("client_id") in CLIENT_IDS
        if not is_known or values.get("client_secret") != CLIENT_SECRET:
            raise Refusal("invalid_client", "AADSTS7000215: invalid client secret")
        if values.get("grant_type") == "authorization_code":
            known = self._codes.pop(values.get("code"), (None, None))
            if known[1] is None or known[1] != values.get("redirect_uri"):
                raise Refusal("invalid_grant", "AADSTS9002313: the code is no good")
            return self._hand_out(known[0], secrets.token_urlsafe(24))
        return self.renew(values.get("refresh_token"))

    def renew(self, refresh_token):
        """Return new tokens for a refresh token.

        :raises Refusal: when it was revoked, or the consent withdrawn
        """
        login = self._refresh.get(refresh_token)
        if login is None:
            raise Refusal(
                "invalid_grant",
                "AADSTS50173: The provided grant has expired due to it being revoked, "
                "a fresh auth token is needed.",
            )
        return self._hand_out(login, refresh_token)

    def _hand_out(self, login, refresh_token):
        access_token = secrets.token_urlsafe(24)
        claims = json.dumps({"email": login, "preferred_username": login}).encode()
        claims = base64.urlsafe_b64encode(claims).decode().rstrip("=")
        with self._lock:
            self._refresh[refresh_token] = login
            self._access[access_token] = (login, time.time() + LIFETIME)
            self.issued += 1
        return {
            "token_type": "Bearer",
            "access_token": access_token,
            "refresh_token": refresh_token,
            "id_token": f"e30.{claims}.none",
            "expires_in": LIFETIME,
        }

    def introspect(self, token):
        """Return what is known of an access token (RFC 7662 2.2)."""
        login, end = self._access.get(token, (None, 0))
        if login is None or end <= time.time():
            return {"active": False}
        return {"active": True, "username": login, "exp": int(end)}

    # ------------------------------------------------------------------
    # WHAT HAPPENS TO TOKENS
    # ------------------------------------------------------------------

    def sign_in(self, login):
        """Return tokens as after a consent."""
        return self._hand_out(login, secrets.token_urlsafe(24))

    def expire(self, login):
        """Let all access tokens of an account end; renewing them works."""
        with self._lock:
            for token, (whose, _end) in self._access.items():
                if whose == login:
                    self._access[token] = (whose, 0)

    def revoke(self, login):
        """Make all refresh tokens of an account worthless; its access tokens go on
        until they expire, as at both providers."""
        with self._lock:
            self._refresh = {t: who for t, who in self._refresh.items() if who != login}

    def withdraw(self, login):
        """Take the consent back: neither token is worth anything any more."""
        self.revoke(login)
        self.expire(login)


class Handler(BaseHTTPRequestHandler):
    """Answers as the sign-in server, also within a tunnel for one of `NAMES`."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *_arguments):
        """Stay silent: the addresses hold tokens."""

    def do_CONNECT(self):
        """Pretend to be one of the names, for a client that trusts the sandbox."""
        name = self.path.partition(":")[0]
        if name not in NAMES or self.server.certificate is None:
            self.send_error(http.client.FORBIDDEN)
            return
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.request = self.server.certificate.wrap_socket(
            self.connection, server_side=True
        )
        # What is read and written from now on goes through the tunnel.
        self.setup()
        self.close_connection = False

    def do_GET(self):
        """Show the page, or do what a form or a client asks for."""
        address = urlsplit(self.path)
        values = {name: found[-1] for name, found in parse_qs(address.query).items()}
        self._answer(address, values)

    def do_POST(self):
        """Hand out tokens, or tell of one."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        values = {name: found[-1] for name, found in parse_qs(body).items()}
        self._answer(urlsplit(self.path), values)

    def _answer(self, address, values):
        accounts = self.server.accounts
        page = address.path.rstrip("/").rpartition("/")[2]
        try:
            if page in ("auth", "authorize"):
                self._send(accounts.ask(values).encode(), "text/html; charset=utf-8")
            elif page == "consent":
                self._send(b"", "text/plain", moved=accounts.decide(values))
            elif page == "token":
                self._send_json(accounts.grant(values))
            elif page == "introspect":
                self._send_json(accounts.introspect(values.get("token")))
            elif page in ("expire", "revoke", "withdraw"):
                getattr(accounts, page)(values.get("login"))
                self._send_json({})
            else:
                self.send_error(http.client.NOT_FOUND)
        except Refusal as refusal:
            self._send_json(refusal.answer, http.client.BAD_REQUEST)

    def _send_json(self, values, status=http.client.OK):
        self._send(json.dumps(values).encode(), "application/json", status)

    def _send(self, content, kind, status=http.client.OK, moved=""):
        self.send_response(http.client.FOUND if moved else status)
        if moved:
            self.send_header("Location", moved)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def is_running(port):
    """Tell whether a sign-in server answers."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class TokenServer(ThreadingHTTPServer):
    """The sign-in server on a port of loopback.

    :param certificate: folder with the certificate of `NAMES`, to be a proxy
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port, certificate=None):
        super().__init__(("127.0.0.1", port), Handler)
        self.accounts = Accounts()
        self._connections = []
        self.certificate = None
        if certificate is not None:
            self.certificate = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.certificate.load_cert_chain(
                certificate / "tokens.pem", certificate / "tokens.key"
            )

    def __enter__(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_error):
        self.shutdown()
        self.server_close()
        # Dovecot keeps its connection, and would go on asking this server.
        for connection in self._connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def get_request(self):
        """Accept a connection, and keep it in mind."""
        connection, address = super().get_request()
        self._connections.append(connection)
        return connection, address


def main():
    """Serve until somebody ends it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("certificate", type=Path)
    options = parser.parse_args()
    TokenServer(options.port, options.certificate).serve_forever()


if __name__ == "__main__":
    main()
