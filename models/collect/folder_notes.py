from odoo import fields, models


class MailCatchallFolder(models.Model):
    """What is noted before it is fetched: whoever finds a note knows that its writer
    was killed, or that the server has broken off."""

    _inherit = "mail.catchall.folder"

    fetching_uids = fields.Text(
        readonly=True,
        copy=False,
        help="The numbers of the emails that are being fetched now.",
    )
    behind_count = fields.Integer(
        readonly=True,
        copy=False,
        help="How many emails are on the server and not collected yet.",
    )
    behind_since = fields.Datetime(
        readonly=True,
        copy=False,
        help="Since when email is on the server and none of it was collected.",
    )

    has_overtaken = fields.Boolean(
        readonly=True,
        copy=False,
        help="Whether collected emails wait for one that they have overtaken.",
    )

    def _note_fetching(self, uids):
        """Note which mails are fetched next; the caller commits before it does so.

        :return: whether that was not noted yet
        """
        noted = " ".join(map(str, uids)) or False
        is_new = any(folder.fetching_uids != noted for folder in self)
        if is_new:
            self.fetching_uids = noted
        return is_new

    def _note_suspects(self, counter):
        """Count against each mail that was being fetched that its fetching was not
        ended.

        :param counter: the field of ``mail.catchall.fetch`` that counts it
        """
        for folder in self.filtered("fetching_uids"):
            uids = folder.fetching_uids.split()
            for one in self.env["mail.catchall.fetch"].sudo()._of(folder, uids):
                one[counter] += 1
            folder.fetching_uids = False

    def _fetches(self):
        """Return the mails of this folder that are fetched alone. UIDs of another
        UIDVALIDITY name other mails: what was had of these is forgotten."""
        self.ensure_one()
        fetches = self.env["mail.catchall.fetch"].sudo()
        found = fetches.search([("folder_id", "=", self.id)])
        current = found.filtered(lambda one: one.uidvalidity == self.uidvalidity)
        (found - current).unlink()
        return current

    def _first_left_behind(self):
        """Return the lowest UID of mail on which fetching has failed, so that mail
        behind it is collected before it; 0 if there is none."""
        suspects = self._fetches().filtered(lambda one: one._is_suspect())
        return min(map(int, suspects.mapped("uid")), default=0)

    def _end_overtaken(self):
        """Have the emails routed that wait for one that they have overtaken: all of
        the folder is collected. The note outlives a worker that is killed before."""
        for folder in self.filtered("has_overtaken"):
            self.env["mail.catchall.message"]._end_waiting_for_first(folder.router_id)
            folder.has_overtaken = False

    def _note_behind(self, count):
        """Note how many mails are on the server and not collected yet."""
        self.behind_count = count
        if not count:
            self.behind_since = False
        elif not self.behind_since:
            self.behind_since = fields.Datetime.now()

    def _note_collected(self, count):
        """Note that so many of the mails are collected now."""
        self.behind_since = False
        self._note_behind(max(self.behind_count - count, 0))
