from odoo import fields, models

from ...tools.servers import engines


class MailCatchallMessage(models.Model):
    """Engines: what Rspamd, SpamAssassin and ClamAV say of a mail.

    They are asked before routing, between two transactions: whoever waits for another
    server holds nothing in the database.
    """

    _inherit = "mail.catchall.message"

    engine_notes = fields.Json(
        "What the Engines Said", readonly=True, groups="base.group_system"
    )

    def _ask_engines(self):
        """Ask the engines of the routers about these claimed messages; commits, if
        there is anything to ask."""
        routers = self.router_id
        found = self.env["mail.catchall.engine"].search(
            [("router_id", "in", routers.ids)]
        )
        for router, asked in found.grouped("router_id").items():
            messages = self.filtered(
                lambda one, router=router: one.router_id == router and one._is_unasked()
            )
            if messages:
                messages._ask(asked)

    def _is_unasked(self):
        """Tell whether the engines are to be asked: they have not judged it, and no
        person has let it pass."""
        notes = self.engine_notes
        is_open = not notes or any(one["code"] == "silent" for one in notes)
        return is_open and self.raw_kept and self.complete and not self.released

    def _ask(self, asked):
        """Ask engines about these messages, at once, and keep what they say; commits.

        :param asked: the ``mail.catchall.engine`` of their router
        """
        mails = [
            (one._raw_bytes(), engines.Envelope(sender=one.sender or ""))
            for one in self
        ]
        addresses = [one._address() for one in asked]
        self.env["ir.cron"]._commit_progress()
        answers = engines.ask_all(addresses, mails)
        for message, said in zip(self, zip(*answers, strict=True), strict=True):
            message.engine_notes = [
                engine._note_of(answer)
                for engine, answer in zip(asked, said, strict=True)
            ]
        self.env["ir.cron"]._commit_progress()
