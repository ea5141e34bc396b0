import ast
import logging
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from xmlrpc import client as xmlrpclib

from markupsafe import Markup

from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import email_normalize
from odoo.tools.misc import clean_context

from ...tools.inbound import recipients as recipient_tools
from ...tools.mail import simplified
from ...tools.runtime.memo import memo
from .mail import Mail

_logger = logging.getLogger(__name__)

GATEWAY_GROUP = "mail_catchall_router.group_mail_catchall_router_gateway"
ROUTED = "routed"  # the memo of the mail that is being routed


@dataclass(frozen=True)
class CoreMail:
    """A mail as core's gateway takes it.

    ``thread`` is ``mail.thread`` with the context that it is routed in, ``message`` the
    ``EmailMessage`` and ``parsed`` core's dict (``message_parse``) of ``mail``;
    ``routed`` is the memo of it that :class:`MailThread` reads.
    """

    mail: Mail
    thread: models.Model
    message: EmailMessage
    parsed: dict
    routed: dict


class MailThread(models.AbstractModel):
    """The one seam with core's routing.

    With ``catchall_routing`` in the context core's own steps run for one recipient at
    a time; without it nothing here changes anything. ``catchall_trial`` holds the
    unstored message of a trial, which is told what would happen instead. What is
    another for each mail is remembered beside the context (``ROUTED``): the ORM looks
    through all environments of the transaction for one with the same context.
    """

    _inherit = "mail.thread"

    # ------------------------------------------------------------
    # READ
    # ------------------------------------------------------------

    def _catchall_read(self, message, mail, email_message):
        """Return the :class:`CoreMail` of a mail.

        :param message: the ``mail.catchall.message``
        :param mail: what routing has read of it
        :param email_message: the ``EmailMessage`` that core gets
        """
        thread = self._catchall_thread(message, mail)
        email_message, parsed = thread._catchall_parse(
            email_message, mail.raw, message.fetchmail_server_id
        )
        routed = dict(memo(self.env.cr, ROUTED))
        return CoreMail(mail, thread, email_message, parsed, routed)

    def _catchall_thread(self, message, mail):
        """Return ``mail.thread`` in the environment that routes a message.

        :param message: the ``mail.catchall.message``
        :param mail: what routing has read of it
        """
        bounced = mail.is_suspect("bounced", message.sender)
        memo(self.env.cr, ROUTED).update(
            mail=mail,
            not_bounced="" if bounced else message.sender,
            contacts={},
        )
        return (
            self.env["mail.thread"]
            .with_user(SUPERUSER_ID)
            .with_context(
                # What a person had on the screen is no default for documents.
                clean_context(self.env.context),
                catchall_routing=True,
                catchall_cursor=self.env.cr,
                catchall_trial=message if mail.is_trial else None,
                catchall_outsider=mail.is_outsider,
                catchall_is_note=mail.automatic_kind == "auto_reply",
                default_fetchmail_server_id=message.fetchmail_server_id.id,
            )
            .with_company(message.company_id)
        )

    def _catchall_parse(self, email_message, raw, server):
        """Return the mail as core reads it, under the server's own choices.

        A mail that core cannot read is reduced to what can be read of it, with
        the original attached: its delivery doesn't depend on its form.

        :return: (the ``EmailMessage``, core's dict of it)
        """
        try:
            simplified.check_texts(email_message, len(raw))
            parsed = self.message_parse(email_message, save_original=server.original)
        except Exception:
            # Whatever core raises over a mail, the mail is to arrive.
            _logger.info(
                "%s: core cannot read this mail, it is simplified",
                email_message["Message-ID"],
                exc_info=True,
            )
            email_message = simplified.simplify(
                raw, email_message["Message-ID"], self._catchall_unreadable_note()
            )
            parsed = self.message_parse(email_message)
        if server and not server.attach:
            parsed.pop("attachments", None)
        return email_message, simplified.storable(parsed)

    def _catchall_unreadable_note(self):
        return self.env._(
            "Odoo could not read this email completely. What it could read is below; "
            "the original email is attached."
        )

    # ------------------------------------------------------------
    # ROUTES
    # ------------------------------------------------------------

    def _catchall_find_routes(self, delivery, match, core_mail):
        """Return core's routes for a :class:`Match`; [] when the app takes no such
        mail, or its alias refuses the sender."""
        email_message, parsed = core_mail.message, core_mail.parsed
        memo(self.env.cr, ROUTED).pop("refusal", None)
        route = self._catchall_route_named(delivery, match, parsed)
        if not route:
            headers = core_mail.mail.headers
            cc_only = recipient_tools.is_cc_only(headers, delivery.recipient)
            return self._catchall_routes(email_message, parsed, match.address, cc_only)
        if match.by != "person":
            return self._catchall_check_route(email_message, parsed, route)
        # Whom the alias lets write is no matter here.
        no_alias = (*route[:4], self.env["mail.alias"])
        silent = self.with_context(catchall_silent=True)
        passes = silent._catchall_check_route(email_message, dict(parsed), no_alias)
        return [route] if passes else []

    def _catchall_route_named(self, delivery, match, parsed):
        """Return the route to what a :class:`Match` names, as core builds routes;
        None where it names an address, whose route is core's to find."""
        if match.by == "person":
            return self._catchall_route_chosen(delivery, parsed)
        if match.new_in:
            return self._catchall_route_new(parsed, *match.new_in)
        if match.by == "rule" and match.alias:
            return self._catchall_route_by_alias(match.alias, parsed)
        if match.document:
            return self._catchall_route_on(match.document, match.alias, parsed)
        return None

    def _catchall_routes(self, email_message, parsed, address, cc_only):
        """Return core's routes for one recipient; [] when core refused it.

        Core decides by To whether an answer is meant for another alias, and by
        all recipients which alias gets a new mail.

        :param address: the one recipient that core sees
        :param cc_only: whether it is in Cc alone
        :raises ValueError: when core finds no route
        """
        values = dict(parsed, recipients=address, to="" if cc_only else address)
        return self.message_route(email_message, values)

    def _catchall_route_on(self, document, alias, parsed):
        """Return the route to a document, as a reply's is.

        :param document: (model name, id)
        """
        model, res_id = document
        alias = alias if alias.alias_model_id.model == model else alias.browse()
        alias = alias.with_env(self.env)  # whose answers are queued
        sender = parsed["email_from"]
        user_id = self._mail_find_user_for_gateway(sender, alias=alias).id
        return model, res_id, {}, user_id or self.env.uid, alias or None

    def _catchall_route_chosen(self, delivery, parsed):
        """Return the route to what a person has chosen.

        :param delivery: with an ``alias_id``, or with ``model`` and ``res_id``
        """
        alias = delivery.alias_id
        sender = parsed["email_from"]
        user_id = self._mail_find_user_for_gateway(sender, alias=alias).id
        if alias:
            model, thread_id = alias.alias_model_id.model, alias.alias_force_thread_id
            defaults = ast.literal_eval(alias.alias_defaults)
        else:
            model, thread_id, defaults = delivery.model, delivery.res_id, {}
        return model, thread_id, defaults, user_id or self.env.uid, alias

    def _catchall_route_by_alias(self, alias, parsed):
        """Return the route of an alias that the mail was not written to, as that of
        its own mail is."""
        sender = parsed["email_from"]
        user_id = self._mail_find_user_for_gateway(sender, alias=alias).id
        target = alias.alias_model_id.model, alias.alias_force_thread_id
        values = ast.literal_eval(alias.alias_defaults)
        return *target, values, user_id or self.env.uid, alias

    def _catchall_route_new(self, parsed, model, defaults):
        """Return the route to a new document of a model.

        :param model: name of a model that takes mail
        :param defaults: dict of values for the new document
        """
        no_alias = self.env["mail.alias"]
        user_id = self._mail_find_user_for_gateway(parsed["email_from"]).id
        return model, False, dict(defaults), user_id or self.env.uid, no_alias

    # ------------------------------------------------------------
    # LOOPS
    # ------------------------------------------------------------

    def _catchall_count_loop(self, core_mail, routes):
        """Return what core's loop guard has counted, if it takes the sender for a loop
        on these routes, else None. The mail is held then: core's notice that it was
        refused would be wrong.

        :return: dict of ``count``, the documents or messages of this sender, and
            ``hours``, str, in which they were made
        """
        silent = self.with_context(catchall_silent=True)
        parsed, route = core_mail.parsed, routes[0]
        if not silent._detect_loop_sender(core_mail.message, parsed, routes):
            return None
        parameters = self.env["ir.config_parameter"].sudo()
        minutes = int(parameters.get_param("mail.gateway.loop.minutes", 120))
        since = self.env.cr.now() - timedelta(minutes=minutes)
        model, thread_id = route[:2]
        sender = email_normalize(parsed["email_from"])
        if thread_id:
            model = "mail.message"
            domain = self._catchall_messages_on(route, parsed, sender)
        else:
            domain = self.env[model]._detect_loop_sender_domain(sender) or Domain.FALSE
        recent = Domain("create_date", ">=", since)
        count = self.env[model].sudo().search_count(Domain(domain) & recent)
        return {"count": count, "hours": f"{minutes / 60:.3g}"}

    def _catchall_messages_on(self, route, parsed, sender):
        """Return the domain of a sender's messages on a route's document, those that
        core's loop guard counts."""
        on_document = (
            Domain("model", "=", route[0])
            & Domain("res_id", "=", route[1])
            & Domain("message_type", "=", "email")
        )
        if author_id := parsed.get("author_id"):
            return on_document & Domain("author_id", "=", author_id)
        return on_document & Domain("email_from", "in", [parsed["email_from"], sender])

    def _catchall_process(self, email_message, parsed, routes):
        """Let core create or update the document of the routes.

        :return: (model, id)
        """
        values = dict(parsed, attachments=list(parsed.get("attachments") or []))
        routes = [*routes[:-1], self._catchall_complete(routes[-1], parsed)]
        if not routes[-1][1]:
            values = simplified.named(values, self.env._("No Subject"))
        if self.env.context.get("catchall_is_note"):
            # An automatic answer doesn't count as the customer writing.
            values["is_internal"] = True
        thread = self._catchall_in_company(routes[-1])
        values.update(thread._message_parse_post_process(email_message, values, routes))
        if not routes[-1][1] and not self._catchall_is_addressed(routes[-1]):
            # Tasks look in To for their project's alias, and fail if it has none.
            values["to"] = ""
        thread_id = thread._message_route_process(email_message, values, routes)
        return routes[-1][0], thread_id

    @api.model
    def _catchall_is_addressed(self, route):
        """Tell whether a new document's alias, and that of its project or the like,
        has an address."""
        model, _thread_id, values, _user_id, alias = route
        others = self._catchall_records_in(self.env[model], values)
        return bool(alias) and all(
            one.alias_name for one in others if "alias_name" in one._fields
        )

    @api.model
    def _catchall_records_in(self, documents, values):
        """Return the records, each by itself, that the values of a new document name.

        :param documents: empty records of the document's model
        """
        fields_of = documents._fields
        return [
            self.env[fields_of[name].comodel_name].sudo().browse(value)
            for name, value in values.items()
            if value and name in fields_of and fields_of[name].type == "many2one"
        ]

    def _catchall_in_company(self, route):
        """Return ``mail.thread`` in the company of the document that a route makes:
        there the contacts of other companies are not known."""
        model, thread_id, values, _user_id, alias = route
        if thread_id:
            return self
        owners = alias.alias_domain_id.company_ids
        company = (
            self._catchall_company_of(self.env[model], values)
            or (len(owners) == 1 and owners)
            or self.env.company
        )
        return self.with_company(company).with_context(catchall_company=company.id)

    @api.model
    def _catchall_company_of(self, documents, values):
        """Return the company of a new document: its own, or that of its team, project,
        job and the like; an empty one where these have none.

        :param documents: empty records of the document's model
        :param values: dict of the values it is made with
        """
        companies = self.env["res.company"]
        if company_id := values.get("company_id"):
            return companies.browse(company_id)
        for one in self._catchall_records_in(documents, values):
            if "company_id" in one._fields and one.company_id:
                return one.company_id
        return companies

    @api.model
    def _catchall_values_here(self, values):
        """Return the values of a new document without contacts of other companies,
        which it cannot have."""
        company_id = self.env.context.get("catchall_company")
        kept = dict(values or {})
        contacts = [
            name
            for name, value in kept.items()
            if value
            and name in self._fields
            and self._fields[name].comodel_name == "res.partner"
            and self._fields[name].type == "many2one"
        ]
        for name in contacts:
            contact_sudo = self.env["res.partner"].sudo().browse(kept[name])
            if contact_sudo.company_id.id not in (False, company_id):
                kept[name] = False
        return kept

    # ------------------------------------------------------------
    # HOOKS
    # ------------------------------------------------------------

    @api.model
    def message_process(
        self,
        model,
        message,
        custom_values=None,
        save_original=False,
        strip_attachments=False,
        thread_id=None,
    ):
        """Journal what a mail server's pipe hands over for a served domain.

        The caller has its answer after the commit. Mail for other domains, for a
        given document, or of an incoming server without a router is core's.

        :return: False for a journalled mail, which has no document yet
        :raises AccessError: when the caller may not hand over mail
        :raises UserError: when the mail is larger than the router takes
        """
        if self._catchall_take_from_pipe(message, thread_id):
            return False
        return super().message_process(
            model,
            message,
            custom_values=custom_values,
            save_original=save_original,
            strip_attachments=strip_attachments,
            thread_id=thread_id,
        )

    @api.model
    def message_new(self, msg_dict, custom_values=None):
        """Name the new document on the delivery that it is for: whoever commits from
        now on commits both."""
        if self.env.context.get("catchall_company"):
            custom_values = self._catchall_values_here(custom_values)
        record = super().message_new(msg_dict, custom_values=custom_values)
        delivery_id = memo(self.env.cr, ROUTED).get("delivery_id")
        if self.env.context.get("catchall_routing") and delivery_id:
            delivery = self.env["mail.catchall.delivery"].sudo().browse(delivery_id)
            delivery.write({"made_model": record._name, "made_id": record.id})
        return record

    @api.model
    def _catchall_take_from_pipe(self, message, thread_id):
        """Journal a mail that a pipe hands over, if a router serves its domain.

        :return: whether it is journalled
        :raises AccessError: when the caller may not hand over mail
        :raises UserError: when the mail is larger than the router takes
        """
        from_server = self.env.context.get("default_fetchmail_server_id")
        is_pipe = not thread_id and not from_server
        # Whoever calls from outside may name a document or a server as he likes.
        if not is_pipe and self.env.su:
            return False
        raw = self._catchall_bytes(message)
        router = self.env["mail.catchall.router"]._find_for_mail(raw)
        self._catchall_require_gateway(router)
        if not router or not is_pipe:
            return False
        router._require_size(len(raw))
        router._journal_from("pipe", [raw])
        return True

    @api.model
    def _catchall_require_gateway(self, router):
        """Let only a mail server's user hand over mail: who does can write in
        anybody's name. Mail that no router is asked for is left to core's own rights,
        except that nobody from outside hands over any.

        :param router: the ``mail.catchall.router`` that the mail is for, if any
        :raises AccessError: that says which right is missing
        """
        is_asked = router or self.env.user.share
        if is_asked and not (self.env.su or self.env.user.has_group(GATEWAY_GROUP)):
            raise AccessError(
                self.env._(
                    "You may not hand over mail to Odoo. An administrator gives the "
                    "right “Mail Router: hand over mail” to the user of the mail "
                    "server's script (odoo-mailgate), and to nobody else."
                )
            )

    @api.model
    def _catchall_bytes(self, message):
        """Return the bytes of what callers give to ``message_process``."""
        if isinstance(message, xmlrpclib.Binary):
            return bytes(message.data)
        return message.encode() if isinstance(message, str) else message

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        """Describe all fields once per run of a lane while the router routes: core
        looks at their names for each new document."""
        routing = self.env.context.get("catchall_routing")
        if not routing or allfields or attributes is not None:
            return super().fields_get(allfields, attributes)
        known = self.env.cr.cache.setdefault("catchall_fields", {})
        key = (self._name, self.env.lang, self.env.uid, self.env.su)
        if key not in known:
            known[key] = super().fields_get(allfields, attributes)
        return known[key]

    def _mail_find_user_for_gateway(self, email_value, alias=None):
        """Find no user for a mail that only claims to be from one; and look the
        others up once, however often core asks while it routes."""
        if self.env.context.get("catchall_outsider"):
            return self.env["res.users"]
        if not self.env.context.get("catchall_routing"):
            return super()._mail_find_user_for_gateway(email_value, alias=alias)
        known = memo(self.env.cr, "gateway_users")
        key = (email_value, alias.id if alias else False)
        if key not in known:
            found = super()._mail_find_user_for_gateway(email_value, alias=alias)
            known[key] = found.id
        return self.env["res.users"].browse(known[key])

    def _message_parse_post_process(self, message, message_dict, routes):
        """Name no author for a mail that only claims to be from one of us, or that
        names no address: by the mere words contacts are found, too. Whom the mail is
        written to is looked up once for all documents that it makes, as core does."""
        if not self.env.context.get("catchall_routing"):
            return super()._message_parse_post_process(message, message_dict, routes)
        known = memo(self.env.cr, ROUTED).setdefault("contacts", {})
        key = self._catchall_looked_up_for(routes[-1])
        if key in known:
            message_dict = dict(message_dict, partner_ids=known[key], recipients="")
        values = super()._message_parse_post_process(message, message_dict, routes)
        known[key] = values["partner_ids"]
        is_nobody = not email_normalize(message_dict["email_from"])
        if is_nobody or self.env.context.get("catchall_outsider"):
            values["author_id"] = False
        return values

    def _catchall_looked_up_for(self, route):
        """Return a key for what the contacts that core finds depend on, besides the
        mail: the company and the document whose followers come first."""
        model, thread_id, _values, _user_id, alias = route
        if thread_id or not alias:
            return self.env.company.id, model, thread_id
        parent = alias.alias_parent_model_id, alias.alias_parent_thread_id
        return self.env.company.id, *(parent if all(parent) else ())

    def _detect_is_bounce(self, message, message_dict):
        """What the router delivers is no bounce: its own guard has seen to those.

        Core would take every mail for one that names the bounce address, which can
        be the address of the one account for everything.
        """
        if self.env.context.get("catchall_routing"):
            return False
        return super()._detect_is_bounce(message, message_dict)

    def _routing_reset_bounce(self, email_message, message_dict):
        """A trial's sender has not written; and nobody is looked for where nothing
        counts bounces of the sender, which is known of all mails of a batch.

        What core does with nobody is done all the same: it begins the tracking of
        these models, in whose name it will be written.
        """
        if self.env.context.get("catchall_trial"):
            return None
        sender = email_normalize(message_dict["email_from"])
        if sender and sender == memo(self.env.cr, ROUTED).get("not_bounced"):
            for model in self.env["mail.thread.blacklist"]._catchall_models():
                model.sudo()._message_reset_bounce(sender)
            return None
        return super()._routing_reset_bounce(email_message, message_dict)

    def _routing_create_bounce_email(
        self, email_from, body_html, message, **mail_values
    ):
        """Answer only who may be answered, as one who answers mail must (RFC 3834)."""
        if not self.env.context.get("catchall_routing"):
            return super()._routing_create_bounce_email(
                email_from, body_html, message, **mail_values
            )
        body_html = self._catchall_keep_refusal(body_html)
        if self.env.context.get("catchall_silent"):
            return self.env["mail.mail"]
        trial = self.env.context.get("catchall_trial")
        mail = memo(self.env.cr, ROUTED)["mail"]
        routed = trial or self.env["mail.catchall.message"].browse(mail.message.id)
        return routed._answer_sender(
            mail,
            "refused",
            f"Re: {routed.subject or ''}",
            Markup(body_html),
            **mail_values,
        )
