from odoo import api, fields, models
from odoo.tools import SQL

# After so many kills a mail itself is left on the server, after twice as many its
# headers, too.
MOST_KILLS = 3
# A server that breaks off may be one that restarts: it gets more time.
MOST_FAILURES = 12


class MailCatchallFetch(models.Model):
    """A mail that is fetched alone: it is large, or fetching it has failed.

    ``kills`` counts the workers that were killed while they fetched it, or whom the
    server lied to, and ``failures`` how often the connection broke off. Both begin
    anew with every part that comes.
    """

    _name = "mail.catchall.fetch"
    _description = "Email That Is Fetched Alone"
    _order = "id"
    _rec_name = "uid"

    folder_id = fields.Many2one(
        "mail.catchall.folder", required=True, index=True, ondelete="cascade"
    )
    uidvalidity = fields.Char()
    uid = fields.Char(required=True)
    part_ids = fields.One2many("mail.catchall.part", "fetch_id")
    received = fields.Integer("Bytes", help="How many bytes of it Odoo already has.")
    kills = fields.Integer()
    failures = fields.Integer()

    _uid_uniq = models.Constraint(
        "UNIQUE(folder_id, uidvalidity, uid)", "This email is already being fetched."
    )

    @api.model
    def _of(self, folder, uids):
        """Return the rows of these UIDs of a folder; those that lack are made."""
        texts = [str(uid) for uid in uids]
        found = folder._fetches().filtered(lambda one: one.uid in set(texts))
        known = set(found.mapped("uid"))
        missing = [
            {"folder_id": folder.id, "uidvalidity": folder.uidvalidity, "uid": uid}
            for uid in texts
            if uid not in known
        ]
        return found | self.create(missing)

    def _is_suspect(self):
        """Tell whether fetching this mail has failed since its last part."""
        return bool(self.kills or self.failures)

    def _is_tried_again(self):
        """Tell whether fetching this mail has failed once since its last part: what
        broke off may be no fault of the mail, and replies must not overtake it."""
        return self.kills + self.failures == 1

    def _wants_headers_only(self):
        """Tell whether the mail itself is given up."""
        return self.kills >= MOST_KILLS or self.failures >= MOST_FAILURES

    def _wants_nothing(self):
        """Tell whether even its headers are given up."""
        return self.kills >= 2 * MOST_KILLS

    def _why_given_up(self):
        """Return the step of a trace that says why the mail was not fetched."""
        if self.kills >= MOST_KILLS:
            return {"step": "fetch", "code": "fetch_killed", "count": self.kills}
        return {"step": "fetch", "code": "fetch_failed", "count": self.failures}

    def _add_part(self, raw):
        """Keep one part more; whatever went wrong before does not count any more."""
        self.part_ids._write_down(raw, self.id)
        received = self.received + len(raw)
        self.write({"received": received, "kills": 0, "failures": 0})

    def _is_whole(self):
        """Tell whether there are as many bytes as were received."""
        parts = self.part_ids
        size = SQL("octet_length(%s)", parts._fields["data"].to_sql(parts, "part"))
        ((there,),) = self.env.execute_query(
            SQL(
                "SELECT COALESCE(sum(%s), 0) FROM mail_catchall_part part"
                " WHERE fetch_id = %s",
                size,
                self.id,
            )
        )
        return there == self.received

    def _pieces(self):
        """Return the ``Pieces`` of the mail, None without any."""
        return self.part_ids._pieces(self.received)

    def _drop_parts(self):
        """Let go of the bytes: the mail is in the journal, or given up."""
        self.part_ids.unlink()
        self.received = 0
