import base64
import binascii
import json
from http import HTTPStatus
from uuid import uuid4

import requests

from odoo import SUPERUSER_ID
from odoo.exceptions import UserError
from odoo.http import Controller, HttpDispatcher, request, route

from ..tools.inbound import intake
from ..tools.inbound.sns import NotSignedError

HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
CHALLENGE = 'Basic realm="mail_router", Bearer realm="mail_router"'
MULTIPART = "multipart/form-data"
URLENCODED = "application/x-www-form-urlencoded"
# Amazon posts its JSON as text.
JSON = ("application/json", "text/plain")
SECONDS = "60"


class Refused(Exception):
    """The request is answered with this status and these words."""

    def __init__(self, status, words):
        super().__init__(words)
        self.status = status


class BytesDispatcher(HttpDispatcher):
    """Leaves the body of a request to its controller, to be read when it is known who
    posts, and as bytes.

    Odoo reads a form before the controller is asked, as text: bytes that are no UTF-8
    were lost, and there were 10 MB at most.
    """

    routing_type = "mail_router_bytes"
    mimetypes = ("*/*",)

    def dispatch(self, endpoint, args):
        """Call the controller with what its address says."""
        self.request.params = dict(args)
        # Whoever tries the request again rewinds its files: there are none to read.
        self.request.httprequest.files = {}
        if not self.request.db:
            return endpoint(**args)
        return self.request.registry["ir.http"]._dispatch(endpoint)


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
        type=BytesDispatcher.routing_type,
        auth="none",
        methods=["POST"],
        readonly=False,
        save_session=False,
    )
    def intake(self, router_id):
        """Take a mail into the journal."""
        if not request.db:
            # PostgreSQL begins anew, say. After a 404, some throw the email away.
            words = (
                "No database can be reached. If there are several here, the header"
                " X-Odoo-Database names one."
            )
            return self._answer(HTTPStatus.SERVICE_UNAVAILABLE, words)
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

    def _router(self, router_id):
        """Return the router that takes this mail.

        :raises Refused: when there is none, or it takes none now
        """
        routers = request.env(user=SUPERUSER_ID)["mail.catchall.router"]
        router = routers._find_by_token("intake", router_id, self._token())
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
        asked.max_content_length = router._intake_limit()
        body = asked.get_data()
        envelope = self._recipients(), self._sender()
        kind = (asked.mimetype or "").lower()
        if kind == MULTIPART:
            boundary = asked.mimetype_params.get("boundary", "")
            return intake.of_form(intake.read_multipart(body, boundary), *envelope)
        if kind == URLENCODED:
            return intake.of_form(intake.read_urlencoded(body), *envelope)
        if kind in JSON and body.lstrip()[:1] == b"{":
            return router._read_posted_json(body.decode("utf-8", "surrogateescape"))
        return intake.of_bytes(body, *envelope)

    def _recipients(self):
        asked = request.httprequest
        told = map(self._spelled, asked.headers.getlist("X-Envelope-To"))
        return [*told, *asked.args.getlist("to")]

    def _sender(self):
        asked = request.httprequest
        told = asked.headers.get("X-Envelope-From")
        return asked.args.get("from") if told is None else self._spelled(told)

    def _spelled(self, value):
        """Return a header's value as it was sent: addresses are UTF-8 (RFC 6532), and
        WSGI tells the bytes as Latin-1 (PEP 3333)."""
        return value.encode("latin-1", "replace").decode("utf-8", "replace")

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
