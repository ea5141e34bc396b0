import logging

from odoo import fields, models

_logger = logging.getLogger(__name__)

NAMED_MISSING = 20


class MailCatchallFolder(models.Model):
    """One folder of a router's mailbox, and how far it has been collected.

    The cursor is (UIDVALIDITY, last UID), RFC 3501 2.3.1.1: it never depends on
    flags or dates, so that a person who reads the mailbox changes nothing. The
    two numbers are unsigned 32-bit values and therefore kept as text. POP3 has
    no folders: its one mailbox is the first folder, and the unique ids that are
    in the journal stand for the cursor.
    """

    _name = "mail.catchall.folder"
    _description = "Mail Router Folder"
    _order = "sequence, id"

    router_id = fields.Many2one(
        "mail.catchall.router", required=True, index=True, ondelete="cascade"
    )
    name = fields.Char(
        required=True,
        help="The folder's name as the mail server knows it, for example INBOX, "
        "Junk or [Gmail]/Spam.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    # cursor
    uidvalidity = fields.Char(
        "UIDVALIDITY",
        readonly=True,
        copy=False,
        help="A number from the mail server: when it changes, the emails have new "
        "numbers and Odoo compares the folder again. No email is processed twice.",
    )
    last_uid = fields.Char(
        "Last UID",
        readonly=True,
        copy=False,
        default="0",
        help="Up to which number of the mail server Odoo has read the folder.",
    )
    finished_uid = fields.Char(
        readonly=True,
        copy=False,
        help="Up to this UID, Odoo has marked, moved or deleted collected email.",
    )
    take_over_uid = fields.Char(
        readonly=True,
        copy=False,
        help="Email with a lower UID was already there when the router took the "
        "folder over.",
    )
    take_over_date = fields.Datetime(readonly=True, copy=False)
    rescan_uid = fields.Char(
        readonly=True,
        copy=False,
        help="Odoo reads email with a lower UID again, because the mail server has "
        "renumbered everything. Odoo recognises known email by its content.",
    )
    skipped_uids = fields.Text(
        readonly=True,
        copy=False,
        help="POP3: the emails that were there at the start and that Odoo leaves out.",
    )
    # completeness
    checked_date = fields.Datetime(
        "Last Check",
        readonly=True,
        copy=False,
        help="When Odoo last compared the mailbox with its own messages.",
    )
    missing_count = fields.Integer(
        "Missing",
        readonly=True,
        copy=False,
        help="How many emails of this folder should be in Odoo but are not.",
    )
    missing_uids = fields.Text(
        readonly=True,
        copy=False,
        help="The numbers of emails that are on the mail server and not in the "
        "journal.",
    )
    last_collected = fields.Datetime(
        readonly=True,
        copy=False,
        help="When Odoo last read this folder.",
    )

    _name_uniq = models.Constraint(
        "UNIQUE(router_id, name)", "The router already reads this folder."
    )

    # ------------------------------------------------------------
    # CURSOR
    # ------------------------------------------------------------

    def _open(self, status):
        """Start the cursor at the take-over, and anew when the numbers changed.

        When UIDVALIDITY is another, or the server is behind the cursor, as after
        a restore from a backup, the UIDs mean other mails (RFC 3501 2.3.1.1).

        :param status: ``mailbox.FolderStatus``
        """
        self.ensure_one()
        if not self.uidvalidity:
            self._take_over(status)
        elif self.uidvalidity != str(status.uidvalidity) or (
            status.tells_uidnext and int(self.last_uid) >= status.uidnext
        ):
            self._rescan(status)

    def _take_over(self, status):
        only_new = self.router_id.take_over == "new"
        self.write(
            {
                "uidvalidity": str(status.uidvalidity),
                "last_uid": str(status.uidnext - 1) if only_new else "0",
                "take_over_uid": str(status.uidnext),
                "take_over_date": fields.Datetime.now(),
            }
        )

    def _rescan(self, status):
        _logger.warning(
            "Folder %s (%s): the mail server has numbered its mail anew "
            "(UIDVALIDITY %s, was %s); all of it is compared with the journal",
            self.id,
            self.name,
            status.uidvalidity,
            self.uidvalidity,
        )
        self.env["mail.catchall.message"].sudo().search(
            [
                ("fetchmail_server_id", "=", self.router_id.fetchmail_server_id.id),
                ("folder", "=", self.name),
                ("uidvalidity", "=", str(status.uidvalidity)),
            ]
        ).write({"uidvalidity": f"before {fields.Datetime.now()}"})
        self.write(
            {
                "uidvalidity": str(status.uidvalidity),
                "last_uid": "0",
                "take_over_uid": "0",
                "rescan_uid": str(status.uidnext),
                "finished_uid": "0",
            }
        )

    def _advance(self, uid):
        """Move the cursor up to a UID, never back."""
        self.last_uid = str(max(int(self.last_uid), uid))

    def _checked_from(self):
        """Return the lowest UID that must be in the journal if it is on the server."""
        if self.router_id.take_over == "everything":
            return 1
        return max(int(self.take_over_uid or 0), int(self.rescan_uid or 0), 1)

    def _keep_missing(self, uids):
        """Keep what a completeness check has found, and alert people."""
        self.write(
            {
                "checked_date": fields.Datetime.now(),
                "missing_count": len(uids),
                "missing_uids": " ".join(map(str, uids)),
            }
        )
        if uids:
            self.router_id._alert(
                self.env._("Mail on the server that is not in Odoo"),
                self.env._(
                    "Emails of the folder %(folder)s that are on the mail server but "
                    "were never collected: %(count)s (numbers %(uids)s). Open the "
                    "router and press Fetch Missing Mail.",
                    count=len(uids),
                    folder=self.name,
                    uids=", ".join(map(str, uids[:NAMED_MISSING])),
                ),
            )

    def _open_pop(self, uidls):
        """Remember at the take-over what is not to be collected. POP3 knows no
        unread mail: "unread" means all that is there."""
        self.ensure_one()
        if self.uidvalidity:
            return
        skip = uidls if self.router_id.take_over == "new" else []
        self.write({"uidvalidity": "pop", "skipped_uids": "\n".join(skip)})

    def _takes_unread_only(self):
        """Tell whether mail from before the take-over is collected if unread."""
        return self.router_id.take_over == "unread"

    def _wants_old(self, mail):
        """Tell whether a mail found by a rescan, unknown to the journal, is to be
        collected: always if it came after the take-over, else as chosen then.

        :param mail: ``mailbox.Fetched``
        """
        arrived = mail.internal_date
        if not arrived or not self.take_over_date or arrived >= self.take_over_date:
            return True
        choice = self.router_id.take_over
        return choice == "everything" or (
            choice == "unread" and "\\Seen" not in mail.flags
        )
