import io
from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools.pdf import OdooPdfFileWriter

from odoo.addons.base.models.ir_mail_server import MailDeliveryException

from ...tools.outbound import refusals
from ..windows import notice

#: When the mailbox is read after a test mail was sent.
LOOK_AFTER = timedelta(seconds=20)
#: Of these there is none without a file.
NEEDS_FILE = frozenset({"account.move"})
A4 = {"width": 595, "height": 842}  # points


class MailAlias(models.Model):
    """A real mail from a user to an alias, to see whether it works: it asks before it
    reaches other people, and what it makes is marked and can be removed."""

    _inherit = "mail.alias"

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_catchall_send_test(self):
        """Send a real mail from the user to the address, through the router's account.
        Where it would go on to other people, ``catchall_confirmed`` in the context says
        that this is meant.

        :return: a notification that says where it will appear
        :raises UserError: with what is wrong
        """
        self.ensure_one()
        self.check_access("write")
        return self._catchall_send_test()

    def action_catchall_remove_tests(self):
        """Remove the documents that test mails have made, with the rights of the user.

        :return: a notification that says how many
        """
        self.ensure_one()
        self.check_access("write")
        return self._catchall_remove_tests()

    # ------------------------------------------------------------
    # WHAT TESTS REACH AND MAKE
    # ------------------------------------------------------------

    def _catchall_test_question(self):
        """Return what is asked before a test mail that goes on to other people: to the
        members of a group, or the followers of a document; "" for others."""
        alias_sudo = self.sudo()
        model, res_id = (
            alias_sudo.alias_model_id.model,
            alias_sudo.alias_force_thread_id,
        )
        if not res_id or model not in self.env:
            return ""
        record = self.env[model].sudo().browse(res_id).exists()
        names = ("member_ids", "message_follower_ids")
        people = next((record[one] for one in names if one in record._fields), ())
        myself = self.env.user.partner_id
        count = len([one for one in people if one.partner_id != myself])
        if not count:
            return ""
        return self.env._(
            "The test email goes on to the members or followers of “%(name)s”, "
            "%(count)s people. Send it all the same?",
            name=record.display_name,
            count=count,
        )

    def _catchall_tests(self):
        """Return the deliveries whose documents test mails to these aliases have made,
        as far as nobody has written on them since."""
        found = (
            self.env["mail.catchall.delivery"]
            .sudo()
            .search(
                [
                    ("alias_id", "in", self._origin.ids),
                    ("state", "=", "delivered"),
                    ("message_id.is_test", "=", True),
                ]
            )
        )
        return found.filtered(self._catchall_is_alone)

    def _catchall_is_alone(self, delivery):
        """Tell whether the document of a delivery was made by its mail, is there, and
        has no word of anybody on it but the test's."""
        model, res_id = delivery.model, delivery.res_id
        is_made = (model, res_id) == (delivery.made_model, delivery.made_id)
        if not is_made or model not in self.env:
            return False
        written = Domain("model", "=", model) & Domain("res_id", "=", res_id)
        written &= Domain("message_type", "in", ("email", "comment"))
        written &= Domain("message_id", "!=", delivery.message_id.message_id)
        is_there = self.env[model].sudo().browse(res_id).exists()
        messages = self.env["mail.message"].sudo()
        return bool(is_there) and not messages.search_count(written, limit=1)

    def _catchall_remove_tests(self):
        """Remove them as the current user; who calls has checked his rights."""
        tests = self._catchall_tests()
        for test in tests:
            self.env[test.model].browse(test.res_id).unlink()
        return notice(self.env._("Removed test documents: %s", len(tests)))

    def _catchall_test_files(self):
        """Return the files that a test mail brings: an empty page where the app makes
        nothing of a mail without a file.

        :return: list of (name, bytes, MIME type)
        """
        if self.sudo().alias_model_id.model not in NEEDS_FILE:
            return []
        writer, stream = OdooPdfFileWriter(), io.BytesIO()
        writer.addBlankPage(**A4)
        writer.write(stream)
        name = self.env._("Test")
        return [(f"{name}.pdf", stream.getvalue(), "application/pdf")]

    # ------------------------------------------------------------
    # SEND
    # ------------------------------------------------------------

    def _catchall_send_test(self):
        """Send the test mail as the current user; who calls has checked his rights."""
        alias_sudo = self.sudo()
        address = alias_sudo.alias_full_name or ""
        router_sudo = self.env["mail.catchall.router"]._find_for_domain(
            alias_sudo.alias_domain
        )
        if "@" not in address or not router_sudo:
            raise UserError(
                self.env._("No mail router sends mail for this address's domain.")
            )
        if not self.env.user.email_normalized:
            raise UserError(
                self.env._("You have no email address: enter one in your preferences.")
            )
        question = self._catchall_test_question()
        if question and not self.env.context.get("catchall_confirmed"):
            raise UserError(question)
        subject = self.env._("Test mail to %s", address)
        self._catchall_hand_over_test(router_sudo, address, subject)
        cron_sudo = self.env.ref("mail.ir_cron_mail_gateway_action").sudo()
        cron_sudo._trigger(fields.Datetime.now() + LOOK_AFTER)
        title = self.env._("Sent to %s", address)
        return notice(alias_sudo._catchall_where(subject), title=title, sticky=True)

    def _catchall_hand_over_test(self, router_sudo, address, subject):
        # What carries the mark of our own mail would not be routed.
        sending = self.env["ir.mail_server"].with_context(catchall_unmarked=True)
        body = self.env._(
            "%s sent this email from Odoo to check that email to this address "
            "arrives. You can delete it.",
            self.env.user.name,
        )
        message = sending._build_email__(
            self.env.user.email_formatted,
            [address],
            subject,
            body,
            attachments=self._catchall_test_files(),
            message_id=self.env["mail.catchall.message"]._make_test_id(
                address.rpartition("@")[2]
            ),
            subtype="plain",
        )
        server_sudo = router_sudo.mail_server_id
        with router_sudo._outgoing_session(server_sudo, message["From"]) as session:
            try:
                sending.send_email(
                    message, mail_server_id=server_sudo.id, smtp_session=session
                )
            except MailDeliveryException as error:
                raise UserError(
                    self.env._(
                        "The mail server did not accept the email: %s",
                        refusals.read_refusal(error).words,
                    )
                ) from error

    def _catchall_where(self, subject):
        """Return where a mail to this alias appears."""
        model = self.alias_model_id.with_env(self.env).sudo()
        thread_id = self.alias_force_thread_id
        if thread_id and model.model in self.env:
            record = self.env[model.model].browse(thread_id).exists()
            return self.env._(
                "In a few minutes it is in the messages of “%s”.",
                record.sudo().display_name,
            )
        return self.env._(
            "In a few minutes there is a new document of the kind “%(kind)s” with the "
            "subject “%(subject)s”. Then load this page again.",
            kind=model.name,
            subject=subject,
        )
