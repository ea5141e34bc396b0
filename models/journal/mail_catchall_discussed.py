from odoo import api, models
from odoo.exceptions import AccessError

NOTE = "mail.mt_note"


class MailCatchallDiscussed(models.AbstractModel):
    """What colleagues discuss among themselves: with notes, followers and activities,
    as Odoo's documents have them.

    Everything said is a note: whoever wrote the mail that it is about, or follows a
    document, never gets it. Rows are written by the thousand, so that writing them
    makes neither followers nor notes, and tracks nothing.
    """

    _name = "mail.catchall.discussed"
    _description = "Discussed Among Colleagues"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    # Who may read it may comment on it, and take it on.
    _mail_post_access = "read"

    @api.model_create_multi
    def create(self, vals_list):
        """Create rows that nobody follows, and about which nothing is said yet."""
        quiet = self.with_context(tracking_disable=True)
        rows = super(MailCatchallDiscussed, quiet).create(vals_list)
        return rows.with_env(self.env)

    def write(self, vals):
        """Write on rows without tracking what changes: they have a trace of their
        own."""
        quiet = self.with_context(tracking_disable=True)
        return super(MailCatchallDiscussed, quiet).write(vals)

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """Refuse to make a row of a mail: whoever hands mail over names a model and
        values as he likes, and they would be written with all rights.

        :raises AccessError: always
        """
        raise AccessError(
            self.env._("No email becomes a row of “%s”.", self._description)
        )

    def message_post(self, **kwargs):
        """Post a note for colleagues, whatever was asked for."""
        note = {"subtype_xmlid": NOTE, "subtype_id": False, "outgoing_email_to": False}
        return super().message_post(**{**kwargs, **note})

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        """Let colleagues follow it, for who may read it: nobody may write on it."""
        self.check_access("read")
        partners = self.env["res.partner"].browse(partner_ids or [])
        colleagues = partners.filtered(lambda one: not one.partner_share)
        return super(MailCatchallDiscussed, self.sudo()).message_subscribe(
            partner_ids=colleagues.ids, subtype_ids=subtype_ids
        )

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """Return the recipients who are users of the company: nobody else is told."""
        found = super()._notify_get_recipients(message, msg_vals=msg_vals, **kwargs)
        return [one for one in found if one["uid"] and not one["ushare"]]

    def _notify_get_reply_to_batch(self, defaults=None, author_ids=None):
        """Return the author's own address: an answer to a note is for a colleague, and
        a signed address, or the catch-all's, would let it in as mail."""
        return {one: (defaults or {}).get(one, False) for one in self.ids or [False]}
