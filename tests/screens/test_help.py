from lxml import etree

from odoo.tests import TransactionCase, tagged

MODULE = "mail_catchall_router"
OFF = frozenset({"0", "false", "False"})
ON = frozenset({"1", "true", "True"})


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestHelp(TransactionCase):
    """What a person can change says what happens then."""

    def test_every_field_that_a_person_can_edit_has_a_help(self):
        found = [
            (view, model, name, text)
            for view in self.views()
            for model, name, text in self.editable(
                etree.fromstring(view.arch), view.model
            )
        ]
        models = {model for _view, model, _name, _text in found}
        self.assertLessEqual(
            {"mail.catchall.router", "ir.mail_server", "res.config.settings"}, models
        )
        silent = [
            f"{view.xml_id}: {model}.{name}"
            for view, model, name, text in found
            if not (text or "").strip()
        ]
        self.assertFalse(silent, "These fields can be edited and have no help.")

    def test_what_a_person_cannot_edit_is_left_out(self):
        arch = """
            <form>
                <field name="name" readonly="1"/>
                <field name="sequence" widget="handle"/>
                <field name="active" invisible="1"/>
                <field name="held_count"/>
                <field name="folder_ids" readonly="1">
                    <list editable="bottom"><field name="name"/></list>
                </field>
                <field name="alias_domain_ids"/>
            </form>"""
        found = self.editable(etree.fromstring(arch), "mail.catchall.router")
        self.assertEqual([name for _, name, _ in found], ["alias_domain_ids"])

    def views(self):
        """Return the forms and lists of this addon, and what it adds to others'
        forms."""
        data = self.env["ir.model.data"].search(
            [("module", "=", MODULE), ("model", "=", "ir.ui.view")]
        )
        views = self.env["ir.ui.view"].browse(data.mapped("res_id"))
        return views.filtered(
            lambda view: (
                view.type == "form" or (view.type == "list" and not view.inherit_id)
            )
        )

    def editable(self, node, model):
        """Yield (model, field, help) of what can be edited below a node of a view."""
        is_list = node.tag == "list"
        if node.get("edit") in OFF or (is_list and not node.get("editable")):
            return
        fields = self.env[model].fields_get() if model in self.env else {}
        for child in node.iterchildren(etree.Element):
            if child.tag != "field" or child.get("position"):
                yield from self.editable(child, model)
                continue
            field = fields.get(child.get("name"))
            if not field or self.is_closed(child, field):
                continue
            yield model, child.get("name"), child.get("help") or field.get("help")
            for view in child.iterchildren("list", "form"):
                yield from self.editable(view, field["relation"])

    def is_closed(self, node, field):
        """Tell whether a field cannot be seen, or not be changed, by a person."""
        hidden = {node.get("invisible"), node.get("column_invisible")} & ON
        readonly = node.get("readonly", "1" if field["readonly"] else "0")
        return bool(hidden) or readonly in ON or node.get("widget") == "handle"
