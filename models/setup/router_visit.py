from odoo import fields, models

from ..windows import notice

# Closes nothing: the form that the button is on shows what is new.
RELOAD = {"type": "ir.actions.act_window_close"}


class MailCatchallRouter(models.Model):
    """Reading the mailbox when somebody presses a button, and saying what came of
    it."""

    _inherit = "mail.catchall.router"

    def action_collect(self):
        """Collect now from the incoming server and wake the routing lanes.

        :return: a notification that says how many mails came
        :raises UserError: with what is wrong, what to do and the server's words
        """
        count, is_read = self._visit_server("_fetch_mail")
        if count == 1:
            return self._told(self.env._("1 new email was collected."))
        if count:
            return self._told(self.env._("%s new emails were collected.", count))
        if is_read:
            return self._told(self.env._("There is no new email in the mailbox."))
        return self._told(
            self.env._(
                "Nothing was collected: Odoo is already reading the mailbox, or "
                "collecting is paused or switched off. Health says which."
            ),
            "warning",
        )

    def action_check(self):
        """Compare the mailbox with the journal now.

        :return: a notification that says whether something is missing
        :raises UserError: with what is wrong, what to do and the server's words
        """
        self._visit_server("_catchall_check")
        return self._tell_missing()

    def action_fetch_missing(self):
        """Collect what the last check has found missing.

        :return: a notification that says how many came, and what is still missing
        :raises UserError: with what is wrong, what to do and the server's words
        """
        count, _is_read = self._visit_server("_catchall_fetch_missing")
        return self._tell_missing(self.env._("Emails that were fetched: %s.", count))

    def _visit_server(self, method):
        """Let the incoming server do something that returns what went wrong, or None.

        :return: (number of mails that came, whether the mailbox was read)
        """
        self.ensure_one()
        self.check_access("write")
        self._require_original()
        server = self.sudo().fetchmail_server_id
        of_router = [("router_id", "=", self.id)]
        journal = self.env["mail.catchall.message"].sudo()
        newest = journal.search(of_router, order="id desc", limit=1).id or 0
        pressed = fields.Datetime.now()
        error = getattr(server, method)()
        if error is not None:
            with self._explained(self._incoming_details(server), [server.password]):
                raise error
        count = journal.search_count([*of_router, ("id", ">", newest)])
        return count, bool(server.date and server.date >= pressed)

    def _tell_missing(self, *sentences):
        """Return what shows these sentences, and what the mailbox has that Odoo has
        not."""
        missing, unread = self.missing_count, self.junk_unread
        if missing:
            found = self.env._(
                "Emails of the mailbox that are not in Odoo: %(count)s.", count=missing
            )
        else:
            found = self.env._("Nothing is missing: all its email is in Odoo.")
        sentences = [*sentences, found]
        if unread:
            sentences.append(
                self.env._(
                    "Unread emails in the folder “%(folder)s”, which Odoo does not "
                    "read: %(count)s.",
                    folder=self.junk_folder,
                    count=unread,
                )
            )
        return self._told(
            " ".join(sentences), "warning" if missing or unread else "success"
        )

    def _told(self, sentence, kind="success"):
        return notice(sentence, type=kind, next=RELOAD)
