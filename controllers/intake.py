import base64
import binascii
import json
from http import HTTPStatus
from uuid import uuid4

import requests
from werkzeug.exceptions import NotFound

from odoo import SUPERUSER_ID
from odoo.exceptions import UserError
from odoo.http import Controller, request, route

from ..tools.inbound import intake
from ..tools.inbound.sns import NotSignedError

HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
CHALLENGE = 'Basic realm="mail_router", Bearer realm="mail_router"'
#: Bytes that are read of who has shown no token: Amazon shows it only when it was
#: asked for, and posts no more.
OF_STRANGERS = 512 * 1024
FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
# Amazon posts its JSON as text.
JSON = ("application/json", "text/plain")
SECONDS = "60"


class Refused(Exception):
    """The request is answered with this status and these words."""

    def __init__(self, status, words):
        super().__init__(words)
        self.status = status


class Intake(Controller):
    """Mail comes by ``POST /mail_router/intake/ROUTER``.

    The token is a bearer token, or the password of basic authentication. The body is
    the mail (``message/rfc822``, ``application/octet-stream``), a form with it, or the
    JSON of Postmark or of Amazon SNS; ``X-Envelope-To`` and ``X-Envelope-From``, or
    ``to`` and ``from`` in the query, tell the SMTP envelope.

    200: the mail is journalled and committed; the same request again changes nothing.
    401: no token. 411, 413: no length, too large, which is found out before anything
    is read. 422: there is no mail in it. 503: to be tried again. Who drops mail after
    a 4xx asks with ``refuse=503`` for 503 instead.
    """

    @route(
        [
            "/mail_router/intake/<int:router_id>",
            # Mailgun posts whole mails only to an address with this end.
            "/mail_router/intake/<int:router_id>/mime",
        ],
        type="http",
        auth="none",
        methods=["POST"],
        csrf=False,
        readonly=False,
        save_session=False,
        max_content_length=lambda controller: controller._largest_body(),
    )
    def intake(self, router_id, **_parameters):
        """Take a mail into the journal."""
        if not request.db:
            raise NotFound
        try:
            router = self._router(router_id)
            handover = self._read(router)
            if not handover:
                return self._answer(HTTPStatus.OK, "subscribed")
            key = request.httprequest.headers.get("Idempotency-Key")
            is_new = router._take_in(handover, key or uuid4().hex)
        except Refused as refused:
            return self._answer(refused.status, str(refused))
        except (intake.NoMailError, NotSignedError) as error:
            return self._answer(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))
        except UserError as error:
            return self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, str(error))
        except requests.RequestException as error:
            return self._answer(HTTPStatus.SERVICE_UNAVAILABLE, str(error))
        return self._answer(HTTPStatus.OK, "taken" if is_new else "known")

    # ------------------------------------------------------------
    # WHO
    # ------------------------------------------------------------

    def _largest_body(self):
        """Return how many bytes may be read of this request: asked before its body is
        touched."""
        parts = request.httprequest.path.removesuffix("/mime").rsplit("/", 1)
        found = request.db and self._find(int(parts[-1]))
        return found._intake_limit() if found else OF_STRANGERS

    def _find(self, router_id):
        routers = request.env(user=SUPERUSER_ID)["mail.catchall.router"]
        return routers._find_by_token("intake", router_id, self._token())

    def _router(self, router_id):
        """Return the router that takes this mail.

        :raises Refused: when there is none, or it takes none now
        """
        router = self._find(router_id)
        if not router:
            raise Refused(HTTPStatus.UNAUTHORIZED, "unauthorized")
        length = request.httprequest.content_length
        if length is None:
            raise Refused(HTTPStatus.LENGTH_REQUIRED, "Content-Length is missing.")
        if length > router._intake_limit():
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too large")
        if router._intake_pauses():
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, "Try again later.")
        return router

    def _token(self):
        """Return the token of the request; only a header may hold it, since addresses
        are written into logs."""
        value = request.httprequest.headers.get("Authorization", "")
        kind, _space, rest = value.strip().partition(" ")
        if kind.lower() == "bearer":
            return rest.strip()
        if kind.lower() != "basic":
            return ""
        try:
            pair = base64.b64decode(rest.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return ""
        return pair.partition(":")[2]

    # ------------------------------------------------------------
    # WHAT
    # ------------------------------------------------------------

    def _read(self, router):
        """Return the ``intake.Handover`` of the request; None where there is nothing
        to take in."""
        asked = request.httprequest
        kind = (asked.mimetype or "").lower()
        recipients = [
            *asked.headers.getlist("X-Envelope-To"),
            *asked.args.getlist("to"),
        ]
        sender = asked.headers.get("X-Envelope-From", asked.args.get("from"))
        if kind in FORMS:
            files = {name: file.read() for name, file in asked.files.items()}
            return intake.of_form(asked.form, files, recipients, sender)
        body = asked.get_data()
        if kind in JSON and body.lstrip()[:1] == b"{":
            return router._read_posted_json(body.decode("utf-8", "surrogateescape"))
        return intake.of_bytes(body, recipients, sender)

    # ------------------------------------------------------------
    # ANSWER
    # ------------------------------------------------------------

    def _answer(self, status, words):
        """Return what is answered; 200 goes out after the commit alone."""
        headers = dict(HEADERS)
        if status == HTTPStatus.UNAUTHORIZED:
            headers["WWW-Authenticate"] = CHALLENGE
        if status != HTTPStatus.OK and request.httprequest.args.get("refuse") == "503":
            status = HTTPStatus.SERVICE_UNAVAILABLE
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            headers["Retry-After"] = SECONDS
        return request.make_response(
            json.dumps({"status": words}),
            {"Content-Type": "application/json", **headers}.items(),
            status=int(status),
        )
