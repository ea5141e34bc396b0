import json
from datetime import datetime, timedelta
from http import HTTPStatus

from werkzeug.exceptions import NotFound

from odoo import SUPERUSER_ID
from odoo.http import Controller, request, route

from ..tools.watch import health

BEARER = "bearer "
# What is told of a finding: numbers and times, no names, words or addresses.
TOLD = frozenset({"age", "count", "end", "left", "limit", "period", "since", "used"})
HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


class Health(Controller):
    """The health of a router for monitoring systems.

    ``GET /mail_catchall_router/health?router=ID`` with the header
    ``Authorization: Bearer TOKEN`` answers JSON::

        {
          "status": "ok" | "warning" | "problem",
          "time": "2026-11-23T08:00:00",
          "items": {
            "held": {"status": "ok", "code": "some", "count": 3, "age": 7200},
            "incoming": {"status": "problem", "code": "fails",
                         "since": "2026-11-23T07:00:00"},
            ...
          }
        }

    Times are UTC, spans of time are seconds. The items and their codes are those of
    ``tools.health``. The answer is 200, with a problem 503, and 401 without the
    router's token: whether there is such a router is not told.

    No session is made, and nothing is computed for who has no token.
    """

    @route(
        "/mail_catchall_router/health",
        type="http",
        auth="none",
        methods=["GET"],
        save_session=False,
    )
    def health(self, router="", **_parameters):
        """Tell how a router stands."""
        if not request.db:
            # A worker that has loaded the addon for all databases was asked for none.
            raise NotFound
        env = request.env(user=SUPERUSER_ID)
        found = env["mail.catchall.router"]._find_by_health_token(router, self._token())
        if not found:
            return self._answer(
                {"status": "unauthorized"},
                HTTPStatus.UNAUTHORIZED,
                {"WWW-Authenticate": 'Bearer realm="mail_catchall_router"'},
            )
        findings = found._judge_health()[found.id]
        status = health.worst(finding.state for finding in findings)
        content = {
            "status": status,
            "time": env.cr.now().isoformat(timespec="seconds"),
            "items": {finding.item: self._tell(finding) for finding in findings},
        }
        is_bad = status == health.PROBLEM
        return self._answer(
            content, HTTPStatus.SERVICE_UNAVAILABLE if is_bad else HTTPStatus.OK
        )

    def _token(self):
        """Return the token of the request; only a header may hold it, since addresses
        are written into logs."""
        value = request.httprequest.headers.get("Authorization", "")
        return value[len(BEARER) :].strip() if value.lower().startswith(BEARER) else ""

    def _tell(self, finding):
        values = {
            name: self._plain(value)
            for name, value in finding.values.items()
            if name in TOLD and value is not None
        }
        return {"status": finding.state, "code": finding.code, **values}

    def _plain(self, value):
        if isinstance(value, timedelta):
            return int(value.total_seconds())
        if isinstance(value, datetime):
            return value.isoformat(timespec="seconds")
        return value

    def _answer(self, content, status, headers=None):
        return request.make_response(
            json.dumps(content),
            {"Content-Type": "application/json", **HEADERS, **(headers or {})}.items(),
            status=int(status),
        )
