from odoo import fields, models
from odoo.fields import Command

from ...tools.mail import addresses
from ...tools.servers import folders
from ...tools.watch import round_trip as trip_tools
from ..concurrency import hold
from .trip_look import TIME_LIMIT


class MailCatchallTrip(models.Model):
    """What a trip has shown, and what the router learns of it."""

    _inherit = "mail.catchall.trip"

    finding_ids = fields.One2many("mail.catchall.finding", "trip_id", readonly=True)

    # ------------------------------------------------------------
    # FINDINGS
    # ------------------------------------------------------------

    def _end(self, state, findings, **values):
        """Keep what became of the probe, in the place of what an earlier look found.

        :param findings: ``trip.Finding``
        """
        self.write(
            {
                "state": state,
                "ended_date": fields.Datetime.now(),
                "seconds": self._seconds(),
                "unread_reason": False,
                **values,
            }
        )
        of_sending = self.finding_ids.filtered(lambda one: one.code == "author_refused")
        (self.finding_ids - of_sending).unlink()
        self._add_findings(findings)
        self.router_id._hear(self)

    def _seconds(self):
        return trip_tools.seconds_since(self.sent_date, fields.Datetime.now())

    def _add_findings(self, findings):
        self.finding_ids = [
            Command.create(
                {"code": one.code, "state": one.state, "details": one.details}
            )
            for one in findings
        ]

    def _findings_of_arrival(self, found):
        """Return what the headers of the probe tell.

        :param found: ``Headers``
        """
        probe = self._sent_probe()
        arrival = self._read_arrival(found, self.router_id._trusted())
        return trip_tools.judge(arrival, probe)

    def _sent_probe(self):
        return trip_tools.Probe(
            address=addresses.normalize(self.recipient or ""),
            author=self.author or "",
            message_id=self.message_id or "",
            secret=self.secret or "",
        )

    def _read_arrival(self, found, trusted):
        return trip_tools.read_arrival(found, self._sent_probe(), **trusted)

    def _instruction_values(self):
        """Return what the steps of instructions are filled in with."""
        router_sudo = self.router_id.sudo()
        recipient_domain = addresses.domain(self.recipient or "")
        return {
            "account": router_sudo.account_email or "",
            "domain": recipient_domain or router_sudo.alias_domain_ids[:1].name or "",
        }

    # ------------------------------------------------------------
    # ENDS
    # ------------------------------------------------------------

    def _arrive(self, message, found):
        """Keep that the probe has come back, and learn from it.

        :param message: the ``mail.catchall.message``
        :param found: its ``Headers``
        """
        # The trip's job, or who follows it on the screen, may just have looked.
        hold(self)
        trusted = self.router_id._trusted()
        arrival = self._read_arrival(found, trusted)
        findings = [
            trip_tools.judge_time(self._seconds()),
            *self._findings_of_place(message),
            *trip_tools.judge(arrival, self._sent_probe()),
            *self.router_id._learn_from(arrival, message, trusted),
        ]
        self._end("arrived", findings, journal_id=message.id, folder=message.folder)

    def _findings_of_place(self, message):
        if message.folder and folders.is_junk_name(message.folder):
            details = {"folder": message.folder}
            yield trip_tools.Finding("arrived_in_junk", trip_tools.WARNING, details)
        if message.router_id != self.router_id:
            details = {"router": message.router_id.name}
            yield trip_tools.Finding("other_router", trip_tools.WARNING, details)

    def _findings_of_forwarding(self):
        """Return that a provider asks whether it may forward to us, if one does."""
        router_sudo = self.router_id.sudo()
        message_sudo = router_sudo._find_forwardings().get(router_sudo.id)
        asked = message_sudo and message_sudo._read_forwarding()
        return [trip_tools.judge_forwarding(**asked)] if asked else []

    def _bounce(self, message, bounce):
        """Keep that a notice of non-delivery has come back instead.

        :param message: the ``mail.catchall.message`` of the notice
        :param bounce: ``Bounce``
        """
        hold(self)
        finding = trip_tools.judge_bounce(bounce, self._sent_probe().address)
        self._end("bounced", [finding], journal_id=message.id)

    def _fail(self, words):
        """Keep that a step could not be taken; a probe that is on its way is still
        waited for as long as any.

        :param words: str, why
        """
        if self.state == "new":
            details = {"words": words}
            finding = trip_tools.Finding("not_sent", trip_tools.PROBLEM, details)
            self._end("refused", [finding])
        elif self.state == "waiting":
            self.unread_reason = words
            if self._is_over():
                self._give_up()

    def _give_up(self):
        """Say what it means that nothing came."""
        if self.unread_reason:
            code, details = "mailbox_unread", {"words": self.unread_reason}
        else:
            minutes = int(TIME_LIMIT.total_seconds() // 60)
            code, details = "missing", {"minutes": minutes}
        findings = [trip_tools.Finding(code, trip_tools.PROBLEM, details)]
        server_sudo = self.router_id.sudo().fetchmail_server_id
        if code == "missing" and server_sudo._get_connection_type() == "pop":
            findings.append(trip_tools.Finding("pop_junk", trip_tools.NOTE))
        self._end("missing", [*findings, *self._findings_of_forwarding()])

    # ------------------------------------------------------------
    # OTHER FOLDERS
    # ------------------------------------------------------------

    def _find_elsewhere(self, everywhere):
        """Look for the probe in the folders that the router doesn't read.

        :param everywhere: whether to look beyond the Junk folders
        """
        server_sudo = self.router_id.sudo().fetchmail_server_id
        secret = self.secret
        found = server_sudo._catchall_find(
            lambda mail: trip_tools.carries(mail, secret), everywhere
        )
        self.invalidate_recordset()
        if not found or self.state != "waiting":
            return
        details = {
            "folder": found.folder,
            "uidvalidity": str(found.uidvalidity),
            "uid": str(found.uid),
        }
        code = "in_junk" if found.is_junk else "in_folder"
        findings = [
            trip_tools.Finding(code, trip_tools.WARNING, details),
            *self._findings_of_arrival(found.headers),
        ]
        self._end("found", findings, folder=found.folder)

    def _read_folder_too(self, details):
        """Let the router read the folder from the probe on, and collect it now.

        :param details: those of the finding
        """
        before = str(int(details["uid"]) - 1)
        self.router_id.folder_ids = [
            Command.create(
                {
                    "name": details["folder"],
                    "uidvalidity": details["uidvalidity"],
                    "last_uid": before,
                    "finished_uid": before,
                    "take_over_uid": details["uid"],
                    "take_over_date": fields.Datetime.now(),
                }
            )
        ]
        self._collect()
