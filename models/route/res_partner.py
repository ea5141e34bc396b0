from odoo import api, models
from odoo.fields import Domain
from odoo.tools import parse_contact_from_email

from ...tools.runtime.memo import undoable_memo
from .remembered import forget_settings, routes

CONTACTS = "contacts"  # {normalised address: [(id of a contact, whether active)]}


class ResPartner(models.Model):
    """Contacts are found by their address: for each mail, among a million.

    Core looks for the sender's contact many times while one mail is routed. It is
    looked up once, for all mails that are read together.
    """

    _inherit = "res.partner"

    _catchall_email_idx = models.Index(
        "(email_normalized) WHERE email_normalized IS NOT NULL"
    )

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        if known := undoable_memo(self.env.cr, CONTACTS):
            for partner in partners:
                if (found := known.get(partner.email_normalized)) is not None:
                    found.append((partner.id, partner.active))
        return partners

    def write(self, vals):
        is_told = {"email", "email_normalized", "active"} & vals.keys()
        if is_told:
            self._catchall_forget_contacts()
        done = super().write(vals)
        if is_told:
            self._catchall_forget_contacts()
        return done

    def unlink(self):
        done = super().unlink()
        self._catchall_forget_contacts()
        return done

    @api.model
    def _catchall_forget_contacts(self):
        """Look contacts up anew, and who follows what."""
        undoable_memo(self.env.cr, CONTACTS).clear()
        forget_settings(self.env)

    def exists(self):
        """Core asks for OdooBot's contact with each mail that it puts on a document: it
        is always there, as its user cannot do without."""
        if self.env.context.get("catchall_routing") and len(self) == 1:
            names = self.env["ir.model.data"]
            if self.id == names._xmlid_to_res_id("base.partner_root"):
                return self
        return super().exists()

    @api.model
    @api.private
    def search_fetch(self, domain, field_names=None, offset=0, limit=None, order=None):
        """Core looks for contacts by their addresses alone."""
        if field_names == [] and not (offset or limit) and order == "id ASC":
            found = self._catchall_find_known(domain)
            if found is not None:
                return found
        return super().search_fetch(
            domain, field_names, offset=offset, limit=limit, order=order
        )

    @api.model
    def _catchall_find_known(self, domain):
        """Return the contacts that have one of the addresses in a domain, in the order
        of their ids, or None where only the database knows."""
        if not routes(self.env):
            return None
        [*conditions] = Domain(domain).iter_conditions()
        if len(conditions) != 1 or conditions[0].field_expr != "email_normalized":
            return None
        [one] = conditions
        emails = one.value if one.operator == "in" else ()
        if not emails or not all(emails):
            return None
        known = undoable_memo(self.env.cr, CONTACTS)
        if unknown := [email for email in emails if email not in known]:
            self._catchall_remember_contacts(unknown)
        active_test = self.env.context.get("active_test", True)
        return self.browse(
            sorted(
                partner_id
                for email in set(emails)
                for partner_id, is_active in known[email]
                if is_active or not active_test
            )
        )

    @api.model
    def _catchall_remember_contacts(self, emails):
        """Remember, until the end of the transaction, which contacts have these
        normalised addresses."""
        contacts = self.sudo().with_context(active_test=False)
        known = undoable_memo(self.env.cr, CONTACTS)
        known.update({email: [] for email in emails})
        # With all that core reads of each sender's, and whose users they are.
        found = contacts.search_fetch([("email_normalized", "in", emails)])
        found.user_ids.mapped("active")
        for partner in found:
            known[partner.email_normalized].append((partner.id, partner.active))

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
        known = undoable_memo(self.env.cr, CONTACTS)
        found = (known.get(parse_contact_from_email(one)[1]) for one in emails)
        return bool(known) and not any(
            contacts is None or any(active for _id, active in contacts)
            for contacts in found
        )
