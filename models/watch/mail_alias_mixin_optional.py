from lxml import etree

from odoo import api, fields, models

FIELD = "catchall_alias_report"
# What may hold a field, and what only lays it out.
LAYOUT = ("div", "span", "h1", "h2", "h3", "p", "small")


class MailAliasMixinOptional(models.AbstractModel):
    """Whatever has an alias shows whether its address works, in its own form.

    Teams, job positions and projects are apps that need not be there: the form is
    found by the field that every one of them has, the name of the alias.
    """

    _inherit = "mail.alias.mixin.optional"

    catchall_alias_report = fields.Json(
        "State of the Address",
        compute="_compute_catchall_alias_report",
        groups="base.group_user",
    )

    @api.depends("alias_id")
    @api.depends_context("uid", "lang", "tz", "allowed_company_ids")
    def _compute_catchall_alias_report(self):
        origin = self._origin
        archived = (
            set(origin.filtered(lambda one: not one[self._active_name]).alias_id.ids)
            if self._active_name
            else ()
        )
        reports = origin.alias_id._catchall_reports(archived)
        for record in self:
            report = reports.get(record._origin.alias_id.id)
            record.catchall_alias_report = report or False

    def action_catchall_send_test(self):
        """Send a real mail to the alias; for who may change what it belongs to.

        :return: a notification that says where it will appear
        :raises UserError: with what is wrong
        """
        self.ensure_one()
        self.check_access("write")
        return self.alias_id._catchall_send_test()

    def action_catchall_remove_tests(self):
        """Remove the documents that test mails to the alias have made, with the rights
        of the user; for who may change what the alias belongs to.

        :return: a notification that says how many
        """
        self.ensure_one()
        self.check_access("write")
        return self.alias_id._catchall_remove_tests()

    # ------------------------------------------------------------
    # VIEWS
    # ------------------------------------------------------------

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Show the state of the address below the field of its name."""
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "form":
            self._catchall_add_report(arch)
        return arch, view

    @api.model
    def _catchall_add_report(self, arch):
        """Put the report into a form, once, unless somebody has done so.

        :param arch: lxml element
        """
        named = arch.xpath("//field[@name='alias_name'][not(ancestor::field)]")
        if not named or arch.xpath(f"//field[@name='{FIELD}']"):
            return
        place = named[0]
        hidden = ["not id", "not alias_name"]
        while place.getparent() is not None and place.getparent().tag in LAYOUT:
            place = place.getparent()
        hidden += [
            f"({node.get('invisible')})"
            for node in (named[0], place)
            if node.get("invisible")
        ]
        shown = etree.Element(
            "field",
            name=FIELD,
            widget="catchall_alias",
            nolabel="1",
            colspan="2",
            readonly="1",
            invisible=" or ".join(dict.fromkeys(hidden)),
        )
        shown.tail, place.tail = place.tail, None
        place.addnext(shown)
