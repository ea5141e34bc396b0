import base64
from dataclasses import asdict

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.words import translated
from ..tools.inbound import explain
from ..tools.inbound.anonymous import anonymous
from ..tools.mail.headers import parse_headers
from .sentences import (
    BELIEVED,
    BORDERS,
    COUNTS,
    FOUND,
    REFUSED,
    RULES,
    UNKNOWN_SENDER,
    WHOSE,
)

LIST = Markup("<ul>%s</ul>")
POINT = Markup("<li>%s</li>")
# What is filled in is escaped: a header's value is text, whatever it holds.
TABLE = Markup(
    '<table class="o_catchall_headers table table-sm small"><thead><tr><th>%s</th>'
    "<th>%s</th><th>%s</th><th>%s</th></tr></thead><tbody>%s</tbody></table>"
)
ROW = Markup(
    '<tr class="%s"><td>%s</td><td>%s</td><td class="font-monospace text-break">'
    "%s: %s</td><td>%s</td></tr>"
)
MORE = Markup('<p class="text-muted">%s</p>')


class MailCatchallTester(models.TransientModel):
    """The headers of the tested mail as the router reads them."""

    _inherit = "mail.catchall.tester"

    headers_read = fields.Json(readonly=True)
    headers = fields.Html(
        "Its Headers", compute="_compute_headers", sanitize=False, readonly=True
    )

    # what may be passed on
    report = fields.Text(readonly=True)
    report_file = fields.Binary("Download", compute="_compute_report_file")
    report_name = fields.Char(compute="_compute_report_file")

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("headers_read")
    @api.depends_context("lang")
    def _compute_headers(self):
        for tester in self:
            found = tester.headers_read
            tester.headers = found and tester._headers_in_words(found)

    @api.depends("report")
    def _compute_report_file(self):
        for tester in self:
            text = tester.report or ""
            tester.report_file = text and base64.b64encode(text.encode())
            tester.report_name = "provider-headers.txt"

    # ------------------------------------------------------------
    # REPORT
    # ------------------------------------------------------------

    def action_report(self):
        """Show the headers of the mail without whatever names a person, a company or
        a mail, for a person to look through before it is downloaded.

        :raises UserError: when there is no mail
        """
        self.ensure_one()
        self.router_id.check_access("read")
        if not self.headers_read:
            raise UserError(self.env._("Test the email first."))
        account = self.router_id.sudo().fetchmail_server_id.server or ""
        headers = parse_headers(self._raw())
        self.report = anonymous(headers, self._trust(), account)
        return True

    # ------------------------------------------------------------
    # READ
    # ------------------------------------------------------------

    def _read_headers(self, raw):
        """Return what is shown of the headers of a mail, as JSON."""
        found = explain.explain(parse_headers(raw), self._trust())
        reading = found.reading
        recipients = reading.recipients
        return {
            "profile": found.profile,
            "fits": found.fits,
            "border": {**asdict(found.border), "line": reading.size},
            "is_told": recipients.original_known,
            "addresses": [one.address for one in recipients.must_settle],
            "internal": reading.internal,
            "authenticated": reading.authenticated,
            "results": {
                name: result
                for name in ("spf", "dkim", "dmarc")
                if (result := getattr(reading.verdicts, name))
            },
            "spam": [one.header for one in reading.spam if one.is_spam],
            "network": reading.network,
            "lines": [asdict(line) for line in found.lines],
            "more": found.more,
        }

    def _trust(self):
        router = self.router_id
        return explain.Trust(
            **router._trusted(),
            own_domains=router._own_domains(),
            account_addresses=router._account_addresses(),
            header_order=router._recipient_header_order(),
        )

    # ------------------------------------------------------------
    # SHOW
    # ------------------------------------------------------------

    def _headers_in_words(self, found):
        """Return what was read of the headers, as Markup.

        :param found: as of :meth:`_read_headers`
        """
        points = [self._rule_in_words(found), self._border_in_words(found["border"])]
        points += [
            self._words(FOUND[code], **values) for code, values in _findings(found)
        ]
        parts = [LIST % Markup("").join(POINT % point for point in points)]
        parts.append(self._table_of(found["lines"]))
        if found["more"]:
            words = self.env._("%s more lines are not shown.", found["more"])
            parts.append(MORE % words)
        return Markup("").join(parts)

    def _rule_in_words(self, found):
        is_strange = found["profile"] and not found["fits"]
        rule = "strange" if is_strange else found["border"]["rule"]
        return self._words(RULES[rule], profile=found["profile"])

    def _border_in_words(self, border):
        sender = " ".join(filter(None, [border["sender"], border["address"]]))
        sender = sender or translated(self.env, UNKNOWN_SENDER)
        return self._words(BORDERS[border["why"]], **{**border, "sender": sender})

    def _table_of(self, lines):
        rows = (
            ROW
            % (
                _look(line),
                number,
                translated(self.env, WHOSE[line["whose"]]),
                line["name"],
                line["value"],
                translated(self.env, COUNTS.get(line["counts"])),
            )
            for number, line in enumerate(lines, 1)
        )
        return TABLE % (
            self.env._("Line"),
            self.env._("Whose It Is"),
            self.env._("What It Says"),
            self.env._("What It Counts For"),
            Markup("").join(rows),
        )

    def _words(self, term, **values):
        return translated(self.env, term) % values


def _findings(found):
    """Yield (code of FOUND, its values) of what was found out about a mail."""
    addresses = ", ".join(found["addresses"])
    told = "recipient" if found["is_told"] else "no_recipient"
    yield told if addresses else "nobody", {"addresses": addresses}
    results = ", ".join(f"{name}={one}" for name, one in found["results"].items())
    known = {True: "real", False: "forged", None: "unchecked"}[found["authenticated"]]
    yield "colleague" if found["internal"] else known, {"results": results}
    headers = ", ".join(dict.fromkeys(found["spam"]))
    yield "spam" if headers else "no_spam", {"headers": headers}
    network = found["network"]
    yield "network" if network else "no_network", {"network": network}


def _look(line):
    if line["whose"] == "edge":
        return "table-primary"
    if line["counts"] in BELIEVED:
        return "table-success"
    return "table-warning" if line["counts"] in REFUSED else ""
