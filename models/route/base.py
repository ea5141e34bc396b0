from functools import partial

from odoo import api, models

from .made import EMPLOYEES, ON_DOCUMENTS, are_no_employees, forget_made, keep_made
from .remembered import forget_settings, remembered_settings, routes

# What apps search again for each document.
SEARCHED = {
    "crm.lead.scoring.frequency",
    "crm.stage",
    "hr.job.platform",
    "hr.recruitment.stage",
    "project.task.type",
}
# What that depends on, and who follows teams, jobs and projects.
SETTINGS = SEARCHED | {
    "crm.team",
    "hr.job",
    "mail.message.subtype",
    "project.project",
    "res.users",
}
# What says on which document a message, a follower or a change is, and who follows.
PLACES = {
    "mail_message_id",
    "model",
    "partner_id",
    "res_id",
    "res_model",
    "subtype_ids",
}


class Base(models.AbstractModel):
    """Apps look through their settings for each document that they make: which stages
    there are, which of them are won, how often. While the router routes, that is asked
    once in a transaction; and what is on the documents that were made in it is known.
    """

    _inherit = "base"

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        self._catchall_forget_changed(())
        if self._name in ON_DOCUMENTS or self.env.context.get("catchall_routing"):
            keep_made(records)
        return records

    def write(self, vals):
        done = super().write(vals)
        self._catchall_forget_changed(vals)
        return done

    def unlink(self):
        done = super().unlink()
        self._catchall_forget_changed(PLACES)
        return done

    def _catchall_forget_changed(self, names):
        """Ask anew what depends on records of this model.

        :param names: the fields that have changed
        """
        if self._name in SETTINGS:
            forget_settings(self.env)
        elif self._name == EMPLOYEES or (
            self._name in ON_DOCUMENTS and not PLACES.isdisjoint(names)
        ):
            forget_made(self.env)

    @api.model
    @api.private
    def search_fetch(self, domain, field_names=None, offset=0, limit=None, order=None):
        if self._name not in SEARCHED or field_names != []:
            return super().search_fetch(
                domain, field_names, offset=offset, limit=limit, order=order
            )
        search = partial(super().search_fetch, domain, [], offset, limit, order)
        return remembered_settings(self, search, domain, offset, limit, order)

    @api.model
    def _read_group(
        self,
        domain,
        groupby=(),
        aggregates=(),
        having=(),
        offset=0,
        limit=None,
        order=None,
    ):
        """HR asks whether each new contact is an employee's."""
        if self._name == EMPLOYEES and groupby and routes(self.env):
            if are_no_employees(self.env, domain):
                return []
        return super()._read_group(
            domain, groupby, aggregates, having, offset, limit, order
        )
