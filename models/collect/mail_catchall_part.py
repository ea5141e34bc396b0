import base64

from odoo import api, fields, models

from ..fields import PIECE, Pieces, RawMail


class MailCatchallPart(models.Model):
    """A part of a large mail that is being fetched. The next one begins where it ends:
    who is killed between them loses one part.

    Those of a mail that came at once have no fetch: they are gone before the commit.
    """

    _name = "mail.catchall.part"
    _description = "Part of an Email That Is Fetched"
    _order = "id"

    fetch_id = fields.Many2one("mail.catchall.fetch", index=True, ondelete="cascade")
    data = RawMail(attachment=False, required=True)

    @api.model
    def _write_down(self, raw, fetch_id=False):
        """Return the new parts of some bytes, one for each piece: writing takes several
        times the room of what is written.

        :param fetch_id: id of the ``mail.catchall.fetch`` that they belong to, if any
        """
        parts = self.browse()
        for start in range(0, len(raw), PIECE):
            data = base64.b64encode(memoryview(raw)[start : start + PIECE])
            part = self.create({"fetch_id": fetch_id, "data": data})
            part.invalidate_recordset(["data"], flush=False)
            parts += part
        return parts

    def _pieces(self, size):
        """Return the ``Pieces`` of the mail that these parts are, None without any.

        :param size: the bytes of the mail
        """
        return Pieces.of(self.sorted("id"), "data", size) if self else None
