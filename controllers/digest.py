import time
from dataclasses import dataclass, field
from http import HTTPStatus

from odoo.exceptions import UserError
from odoo.http import Controller, request, route

from ..models.decide.message_decide import DECIDED_STATES
from ..models.decide.message_triage import CHOICES

PARAMETERS = ("m", "a", "u", "e", "s")
METHODS = {
    "release": "action_release",
    "discard": "action_discard",
    "block": "action_block_sender",
}
QUARANTINE = "/odoo/mail-router-quarantine"
# The page is for this person and this moment, and for no frame.
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}


@dataclass(frozen=True)
class Page:
    """What the browser gets: a sentence, a message, and what it can still be asked."""

    sentence: str = ""
    level: str = "warning"
    status: int = HTTPStatus.OK
    message: dict = field(default_factory=dict)
    url: str = QUARANTINE
    action: str = ""


class Digest(Controller):
    """The links of the daily digest.

    Following a link changes nothing, since programs follow links too: it asks. The
    answer is a form with Odoo's own protection against forged requests.
    """

    @route(
        "/mail_catchall_router/decide",
        type="http",
        auth="user",
        methods=["GET", "POST"],
        website=True,  # its page is drawn in the website's layout, where there is one
    )
    def decide(self, **parameters):
        """Show what a link asks for (GET), or do it (POST)."""
        parameters = {name: parameters.get(name, "") for name in PARAMETERS}
        # As the digest itself: a page of the website has the browser's language.
        request.update_context(lang=request.env.user.lang)
        page = self._page(parameters)
        response = request.render(
            "mail_catchall_router.decide_page",
            {
                "sentence": page.sentence,
                "level": page.level,
                "message": page.message,
                "url": page.url,
                "action": page.action,
                "parameters": parameters,
            },
            status=int(page.status),
        )
        response.headers.update(HEADERS)
        return response

    def _page(self, parameters):
        env = request.env
        decision = env["mail.catchall.router"]._read_decision(parameters)
        if not decision or decision.action not in (*METHODS, *CHOICES):
            sentence = env._("This link is not complete, or somebody has changed it.")
            return Page(sentence, "danger", HTTPStatus.BAD_REQUEST)
        if decision.user_id != env.uid:
            sentence = env._(
                "This link is for somebody else. Log in as the user who got the email."
            )
            return Page(sentence, "danger", HTTPStatus.FORBIDDEN)
        if decision.is_expired(time.time()):
            sentence = env._("This link is too old. Decide under “To Decide”.")
            return Page(sentence, status=HTTPStatus.GONE)
        return self._page_of(self._find(decision.message_id), decision.action)

    def _find(self, message_id):
        """Return the message as far as the user may see it."""
        companies = request.env.user.company_ids
        messages = request.env["mail.catchall.message"].with_context(
            allowed_company_ids=companies.ids
        )
        if not messages.has_access("read"):
            return messages
        return messages.search([("id", "=", message_id)])

    def _page_of(self, message, action):
        env = request.env
        if not message:
            sentence = env._(
                "This email no longer exists, or you may no longer see it."
            )
            return Page(sentence, status=HTTPStatus.NOT_FOUND)
        if message.state not in DECIDED_STATES:
            sentence = env._("This email is no longer waiting: %s", message._in_words())
            return self._page_about(message, sentence, HTTPStatus.CONFLICT)
        if request.httprequest.method != "POST":
            sentence, level = message._question_before(action)
            return self._page_about(message, sentence, level=level, action=action)
        return self._decide(message, action)

    def _decide(self, message, action):
        try:
            if action in CHOICES:
                done = message._choose_target(action)["params"]
            else:
                done = getattr(message, METHODS[action])()["params"]
        except UserError as error:
            request.env.cr.rollback()
            return self._page_about(message, str(error), HTTPStatus.CONFLICT)
        sentence = ". ".join(filter(None, (done["title"], done["message"])))
        return self._page_about(message, sentence, level=done["type"])

    def _page_about(
        self, message, sentence="", status=HTTPStatus.OK, level="warning", action=""
    ):
        url = f"{QUARANTINE}/{message.id}"
        shown = message._summary_shown()
        if action in CHOICES:
            shown["target"] = message._target(action).address or ""
        return Page(sentence, level, status, shown, url, action)
