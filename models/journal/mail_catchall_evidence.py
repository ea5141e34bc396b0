from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools.misc import clean_context


class MailCatchallEvidence(models.AbstractModel):
    """What is written down of mail and of decisions: rows that code alone writes.

    Whoever asks, and whatever access rights somebody has given him since: a person
    acts by the buttons, each of which checks who may and writes down who did.
    """

    _name = "mail.catchall.evidence"
    _description = "Mail Router Evidence"

    @api.model_create_multi
    def create(self, vals_list):
        """Create rows; nothing is taken from what the caller's context suggests."""
        self._check_written_by_code()
        context = clean_context(self.env.context)
        unprompted = self.with_env(self.env(context=context))
        return super(MailCatchallEvidence, unprompted).create(vals_list)

    def write(self, vals):
        """Write on the rows, for code alone."""
        self._check_written_by_code()
        return super().write(vals)

    def unlink(self):
        """Delete the rows, for code alone."""
        self._check_written_by_code()
        return super().unlink()

    def _check_written_by_code(self):
        """Check that it is the addon who writes.

        :raises AccessError: when it is a person, by RPC or by a form
        """
        if not self.env.su:
            raise AccessError(
                self.env._(
                    "%s is evidence and cannot be edited. Use the buttons of the "
                    "email.",
                    self._description,
                )
            )

    def _state_in_words(self):
        """Return the state of this row as people see it: what went on to somebody is
        forwarded, not ignored, though it is on no document."""
        if self.state == "ignored" and self.reason_code == "forwarded":
            return self.env._("Forwarded")
        labels = dict(self._fields["state"]._description_selection(self.env))
        return labels.get(self.state, "")

    def _check_may_decide(self):
        """Check that this person may decide about these rows: who configures routers.

        :raises AccessError: when not
        """
        self.check_access("read")
        if not self._is_decider():
            raise AccessError(
                self.env._(
                    "Only administrators of the Mail Router decide about emails."
                )
            )

    def _filtered_decidable(self):
        """Return those of these rows that this person may decide on."""
        return self._filtered_access("read") if self._is_decider() else self.browse()

    def _is_decider(self):
        return self.env.su or self.env.user.has_group(
            "mail_catchall_router.group_mail_catchall_router_manager"
        )
