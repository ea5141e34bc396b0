from odoo import api, models
from odoo.tools import parse_contact_from_email

from ...tools.runtime.memo import memo

STRANGERS = "strangers"  # {normalised address: True} of whom there is no contact


class ResPartner(models.Model):
    """Contacts are found by their address: for each mail, among a million.

    Core looks for the sender's contact many times while one mail is routed. Of whom
    there is none is looked up once, for all mails that are read together.
    """

    _inherit = "res.partner"

    _catchall_email_idx = models.Index(
        "(email_normalized) WHERE email_normalized IS NOT NULL"
    )

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        if strangers := memo(self.env.cr, STRANGERS):
            for partner in partners:
                strangers.pop(partner.email_normalized, None)
        return partners

    def write(self, vals):
        if {"email", "active"} & vals.keys():
            memo(self.env.cr, STRANGERS).clear()
        return super().write(vals)

    def exists(self):
        """Core asks for OdooBot's contact with each mail that it puts on a document: it
        is always there, as its user cannot do without."""
        if self.env.context.get("catchall_routing") and len(self) == 1:
            names = self.env["ir.model.data"]
            if self.id == names._xmlid_to_res_id("base.partner_root"):
                return self
        return super().exists()

    @api.model
    def _catchall_remember_strangers(self, emails):
        """Remember, until the end of the transaction, which of these normalised
        addresses no contact has."""
        known = self.sudo().search_fetch(
            [("email_normalized", "in", emails)], ["email_normalized"]
        )
        strangers = set(emails).difference(known.mapped("email_normalized"))
        memo(self.env.cr, STRANGERS).update(dict.fromkeys(strangers, True))

    @api.model
    def _find_or_create_from_emails(
        self,
        emails,
        ban_emails=None,
        filter_found=None,
        additional_values=None,
        no_create=False,
        sort_key=None,
        sort_reverse=True,
    ):
        if no_create and self._catchall_are_strangers(emails):
            return [self.browse()] * len(emails)
        if company_id := self.env.context.get("catchall_company"):
            additional_values = dict(additional_values or {})
            filter_found = self._catchall_filter_here(
                company_id, filter_found, additional_values
            )
        return super()._find_or_create_from_emails(
            emails,
            ban_emails=ban_emails,
            filter_found=filter_found,
            additional_values=additional_values,
            no_create=no_create,
            sort_key=sort_key,
            sort_reverse=sort_reverse,
        )

    @api.model
    def _catchall_filter_here(self, company_id, filter_found, additional_values):
        """Return a filter of contacts that keeps those of other companies out, but for
        colleagues. Who is only a contact of another company becomes one of this too,
        where core makes contacts.

        :param filter_found: the filter that core asks for, or None
        :param additional_values: {normalised address: dict of values of a new contact},
            to which the company is added
        """

        def is_here(partner):
            other = partner.company_id.id not in (False, company_id)
            if other and partner.partner_share:
                known = additional_values.get(partner.email_normalized, {})
                additional_values[partner.email_normalized] = {
                    **known,
                    "company_id": company_id,
                }
                return False
            return filter_found is None or filter_found(partner)

        return is_here

    @api.model
    def _catchall_are_strangers(self, emails):
        """Tell whether it is remembered that no contact has one of these addresses,
        which may be formatted."""
        context = self.env.context
        if not context.get("catchall_routing") or not context.get("active_test", True):
            return False
        strangers = memo(self.env.cr, STRANGERS)
        return bool(strangers) and all(
            parse_contact_from_email(email)[1] in strangers for email in emails
        )
