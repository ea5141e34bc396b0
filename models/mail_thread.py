from odoo import SUPERUSER_ID, models

from ..tools import addresses, automatic


class MailThread(models.AbstractModel):
    """The one seam with core's routing.

    With ``catchall_routing`` in the context (the id of the journal's message)
    core's own steps run for one recipient at a time; without it nothing here
    changes anything.
    """

    _inherit = "mail.thread"

    def _catchall_thread(self, message, headers):
        """Answer ``mail.thread`` in the environment that routes a message.

        :param message: the ``mail.catchall.message``
        :param headers: its ``Headers``
        """
        return (
            self.env["mail.thread"]
            .with_user(SUPERUSER_ID)
            .with_company(message.company_id)
            .with_context(
                catchall_routing=message.id,
                catchall_may_answer=automatic.may_answer(headers),
                catchall_accounts=sorted(message.router_id._account_addresses()),
                default_fetchmail_server_id=message.fetchmail_server_id.id,
            )
        )

    def _catchall_parse(self, email_message, server):
        """Answer core's ``message_parse``, under the server's own choices."""
        parsed = self.message_parse(email_message, save_original=server.original)
        if server and not server.attach:
            parsed.pop("attachments", None)
        return parsed

    def _catchall_routes(self, email_message, parsed, address, cc_only):
        """Answer core's routes for one recipient; [] when core refused it.

        Core decides by To whether an answer is meant for another alias, and by
        all recipients which alias gets a new mail.

        :param address: the one recipient that core sees
        :param cc_only: whether it stands in Cc alone
        :raises ValueError: when core finds no route
        """
        values = dict(parsed, recipients=address, to="" if cc_only else address)
        return self.message_route(email_message, values)

    def _catchall_process(self, email_message, parsed, routes):
        """Let core create or update the document of the routes.

        :return: (model, id)
        """
        values = dict(parsed, attachments=list(parsed.get("attachments") or []))
        values.update(self._message_parse_post_process(email_message, values, routes))
        thread_id = self._message_route_process(email_message, values, routes)
        return routes[-1][0], thread_id

    # ------------------------------------------------------------
    # HOOKS
    # ------------------------------------------------------------

    def _detect_is_bounce(self, message, message_dict):
        """Don't take the mailbox's own address for a bounce address: with one
        account for everything every mail would be a bounce."""
        accounts = self.env.context.get("catchall_accounts")
        if accounts:
            others = [
                address
                for address in addresses.parse_list(message_dict["to"])
                if address not in accounts
            ]
            message_dict = dict(message_dict, to=",".join(others))
        return super()._detect_is_bounce(message, message_dict)

    def _routing_create_bounce_email(
        self, email_from, body_html, message, **mail_values
    ):
        """Answer no automatic mail (RFC 3834 section 2), and say of our answer that
        it is one (section 5)."""
        if not self.env.context.get("catchall_routing"):
            return super()._routing_create_bounce_email(
                email_from, body_html, message, **mail_values
            )
        if not self.env.context.get("catchall_may_answer"):
            return None
        mail_values.setdefault("headers", repr({"Auto-Submitted": "auto-replied"}))
        return super()._routing_create_bounce_email(
            email_from, body_html, message, **mail_values
        )
