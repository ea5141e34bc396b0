from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError

from ..tools import addresses

DECIDED_STATES = ("held", "failed", "dead")


class MailCatchallMessage(models.Model):
    """A person's decisions on messages that wait for one.

    Each is written into the trace with user and time. What only changed the journal
    can be undone; a document that was made stays.
    """

    _inherit = "mail.catchall.message"

    released = fields.Boolean(
        readonly=True,
        help="A person has let this mail pass the guards.",
    )
    undoable = fields.Boolean(compute="_compute_undoable")

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("trace", "state")
    def _compute_undoable(self):
        for message in self:
            message.undoable = bool(message._last_undoable())

    def _last_undoable(self):
        """Answer the step of the last decision, if it is the message's last step
        and has changed nothing but the journal; else None."""
        last = (self.trace or [None])[-1]
        if not last or last["step"] != "person" or "before" not in last:
            return None
        return last

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_release(self):
        """Let held mail pass the guards that stopped it, and route it now."""
        waiting = self._decidable()
        waiting.sudo().released = True
        for message in waiting:
            message._note_decision("release")
        return waiting.action_route()

    def action_discard(self):
        """Settle waiting mail without a document."""
        for message in self._decidable():
            message._settle_by_person("discard", "discarded")
        return True

    def action_block_sender(self):
        """Block the sender from now on, and discard his waiting mail."""
        for message in self._decidable():
            message._require_sender()
            message._set_sender_policy(message.sender, "block")
            message._settle_by_person("block", "blocked", sender=message.sender)
        return True

    def action_block_domain(self):
        """Block everybody of the sender's domain, and discard the waiting mail."""
        for message in self._decidable():
            message._require_sender()
            domain = addresses.domain(message.sender)
            if domain in message.router_id._own_domains():
                raise UserError(
                    self.env._("%s is your own domain, it cannot be blocked.", domain)
                )
            message._set_sender_policy(domain, "block")
            message._settle_by_person("block", "blocked", sender=domain)
        return True

    def action_allow_sender(self):
        """Allow the sender from now on, and release his waiting mail."""
        waiting = self._decidable()
        for message in waiting:
            message._require_sender()
            message._set_sender_policy(message.sender, "allow")
        return waiting.action_release()

    def action_undo(self):
        """Take the last decision back, where it has changed only the journal."""
        self.check_access("write")
        for message in self:
            step = message._last_undoable()
            if not step:
                raise UserError(
                    self.env._(
                        "The last decision on “%s” cannot be undone: a document was "
                        "made of the mail, or somebody else went on.",
                        message.subject or message.message_id,
                    )
                )
            message.sudo()._undo(step)
        return True

    def action_route_to(self):
        """Ask where this mail shall go."""
        self._decidable()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "mail_catchall_router.mail_catchall_route_to_action"
        )
        return dict(action, context={"default_waiting_ids": self.ids})

    # ------------------------------------------------------------
    # STEPS
    # ------------------------------------------------------------

    def _decidable(self):
        """Answer those that wait for a person, for who may decide.

        :raises UserError: when none does
        """
        self.check_access("write")
        waiting = self.filtered(lambda message: message.state in DECIDED_STATES)
        if not waiting:
            raise UserError(self.env._("None of these messages waits for a decision."))
        return waiting

    def _require_sender(self):
        if not self.sender:
            raise UserError(
                self.env._(
                    "“%s” names no sender.", self.subject or self.message_id or ""
                )
            )

    def _set_sender_policy(self, pattern, policy):
        self.env["mail.catchall.sender"]._set(pattern, self.company_id, policy)

    def _note_decision(self, code, **details):
        """Write a person's decision into the trace."""
        self.sudo()._note(
            "person",
            code,
            user=self.env.user.name,
            user_id=self.env.uid,
            time=fields.Datetime.to_string(fields.Datetime.now()),
            **details,
        )

    def _settle_by_person(self, code, reason_code, **details):
        message = self.sudo()
        waiting = message.delivery_ids.filtered(lambda one: one.state != "delivered")
        before = {
            "state": message.state,
            "reason_code": message.reason_code,
            "deliveries": {one.id: [one.state, one.reason_code] for one in waiting},
        }
        self._note_decision(code, before=before, **details)
        waiting.filtered(lambda one: one.state != "duplicate").write(
            {"state": "ignored", "reason_code": reason_code}
        )
        message.write(
            {
                "state": "ignored",
                "reason_code": reason_code,
                "next_attempt": False,
                "routed_date": fields.Datetime.now(),
            }
        )

    def _undo(self, step):
        before = step["before"]
        for delivery in self.delivery_ids:
            if end := before["deliveries"].get(str(delivery.id)):
                delivery.write({"state": end[0], "reason_code": end[1]})
        self.write({"state": before["state"], "reason_code": before["reason_code"]})
        if step["code"] == "block":
            self.env["mail.catchall.sender"].search(
                [
                    ("pattern", "=", step["sender"]),
                    ("company_id", "=", self.company_id.id),
                    ("policy", "=", "block"),
                ]
            ).unlink()
        self._note_decision("undo")

    def _route_to(self, alias=None, record=None):
        """Route waiting mail to an alias or to a document that a person has chosen.

        :param alias: ``mail.alias``, whose contact policy doesn't count then
        :param record: a record that takes mail
        """
        target = {
            "matched_by": "person",
            "reason_code": False,
            "state": "pending",
            "forward_to": False,
        }
        if record:
            target.update(model=record._name, res_id=record.id, alias_id=False)
        else:
            target.update(alias_id=alias.id, model=False, res_id=False)
        for message in self._decidable():
            message._note_decision(
                "route_to", target=(record or alias).display_name or ""
            )
            message.sudo()._direct(target)
        return self.with_user(SUPERUSER_ID)._route_directed()

    def _direct(self, target):
        """Give the deliveries that wait this target; one of them, for one document
        is enough. A message that has none gets one."""
        waiting = self.delivery_ids.filtered(
            lambda one: one.state in ("held", "failed", "pending")
        )
        if not waiting:
            waiting = self.env["mail.catchall.delivery"].create(
                {
                    "message_id": self.id,
                    "digest": self.digest,
                    "recipient": "",
                    "must_settle": True,
                }
            )
        waiting.write(target)

    def _route_directed(self):
        self.released = True
        return self.action_route()
