from odoo import api, fields, models
from odoo.exceptions import UserError

from ..windows import window

# Why mail of an attack is ignored.
TAKEN_BACK = ("attack", "discarded")


class MailCatchallAttack(models.Model):
    """Somebody who tries out addresses: the mails of one sender or one network to many
    addresses that do not exist, put together for one decision.

    ``open``: a person is to decide; ``discarded``, ``released``: somebody has, and as
    long as the attack goes on what comes after has the same end.
    """

    _name = "mail.catchall.attack"
    _description = "Attack on Unknown Addresses"
    _inherit = ["mail.catchall.evidence"]
    _order = "id desc"

    name = fields.Char("From", compute="_compute_name")
    router_id = fields.Many2one(
        "mail.catchall.router",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    sender = fields.Char(readonly=True, index="btree_not_null")
    network = fields.Char(
        readonly=True,
        index="btree_not_null",
        help="The network that the emails came from, when they have different senders.",
    )
    state = fields.Selection(
        [
            ("open", "To Decide"),
            ("discarded", "Discarded"),
            ("released", "Released"),
        ],
        required=True,
        default="open",
        readonly=True,
        help="To Decide: a person must decide. The decision also applies to email of "
        "this attack that arrives later.",
    )
    message_ids = fields.One2many(
        "mail.catchall.message", "attack_id", "Emails", readonly=True
    )
    message_count = fields.Integer("Number of Emails", compute="_compute_extent")
    first_date = fields.Datetime("First Mail", compute="_compute_extent")
    last_date = fields.Datetime("Last Mail", compute="_compute_extent")

    # ------------------------------------------------------------
    # COMPUTE
    # ------------------------------------------------------------

    @api.depends("sender", "network")
    def _compute_name(self):
        for attack in self:
            attack.name = (
                attack.sender or attack.network or self.env._("Attack %s", attack.id)
            )

    @api.depends("message_ids.arrived")
    def _compute_extent(self):
        found = {
            attack: extent
            for attack, *extent in self.env["mail.catchall.message"]._read_group(
                [("attack_id", "in", self.ids)],
                ["attack_id"],
                ["__count", "arrived:min", "arrived:max"],
            )
        }
        for attack in self:
            attack.message_count, attack.first_date, attack.last_date = found.get(
                attack, (0, False, False)
            )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_discard(self):
        """Settle all of it without a document, and what comes of it later. Ask first
        where a sender is a contact: anybody can write his name."""
        if self._decidable()._find_contacts():
            return self._ask_about_contacts()
        return self._discard()

    def _discard(self, keep=()):
        """Settle the attacks without a document.

        :param keep: the sender addresses whose mail waits on
        """
        for attack in self:
            waiting = attack._waiting().filtered(lambda one: one.sender not in keep)
            if waiting:
                waiting.action_discard()
            attack.sudo().state = "discarded"
        return True

    def _find_contacts(self):
        """Return the contacts in whose names mail of these attacks waits."""
        senders = {*self._waiting().mapped("sender"), *self.mapped("sender")}
        return self.env["res.partner"].search(
            [("email_normalized", "in", list(filter(None, senders)))]
        )

    def _ask_about_contacts(self, block=False):
        """Return the action that asks what becomes of the mail of contacts.

        :param block: whether the senders are to be blocked, too
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "mail_catchall_router.mail_catchall_discard_attack_action"
        )
        context = {"default_attack_ids": self.ids, "default_block": block}
        return dict(action, context=context)

    def action_block(self):
        """Block the sender from now on, and discard all of it."""
        for attack in self._decidable():
            if not attack.sender:
                raise UserError(
                    self.env._(
                        "“%s” is a network: only a sender can be blocked.", attack.name
                    )
                )
        if self._find_contacts():
            return self._ask_about_contacts(block=True)
        return self._block()

    def _block(self):
        """Block the senders, and discard all of it."""
        for attack in self.filtered("sender"):
            self.env["mail.catchall.sender"]._set(
                attack.sender, attack.company_id, "block"
            )
        return self._discard()

    def action_release(self):
        """Take it for ordinary mail, also what was discarded: route it again, as soon
        as the queue comes to it."""
        for attack in self._decidable():
            attack.sudo()._take_back()
            attack._waiting()._release_later()
            attack.sudo().state = "released"
        return True

    def action_open_messages(self):
        """List the mails."""
        self.ensure_one()
        self.check_access("read")
        return window(
            self.env, "message_action", domain=[("attack_id", "=", self.id)], context={}
        )

    def _decidable(self):
        self._check_may_decide()
        return self

    def _take_back(self):
        """Let what was discarded as part of the attack wait again."""
        discarded = self.message_ids.filtered(
            lambda one: one.state == "ignored" and one.reason_code in TAKEN_BACK
        )
        discarded.delivery_ids.filtered(
            lambda one: one.state == "ignored" and one.reason_code in TAKEN_BACK
        ).state = "held"
        discarded.state = "held"

    def _waiting(self):
        """Return the mails that wait for a decision."""
        return self.message_ids.filtered(lambda message: message.state == "held")

    # ------------------------------------------------------------
    # ROUTING
    # ------------------------------------------------------------

    @api.model
    def _open(self, message, kind, source):
        """Return a new attack, and tell a person; for a trial one that is not stored.

        :param message: the ``mail.catchall.message`` that was one too many
        :param kind: "sender" or "network", the name of the field
        """
        router = message.router_id
        values = {
            "router_id": router.id,
            "company_id": message.company_id.id,
            kind: source,
        }
        if message._is_trial():
            return self.new(values)
        attack = self.sudo().create(values)
        # Of two lanes that open an attack at the same time, the later one fails here
        # and finds the attack of the other when it tries again.
        router.sudo().last_attack = fields.Datetime.now()
        router._alert(
            self.env._("Attack on unknown addresses"),
            self.env._(
                "Somebody is trying addresses that do not exist. Their emails are "
                "grouped: open Mail Router, Attacks, and decide about all of them at "
                "once."
            ),
        )
        return attack

    def _end(self):
        """Return the state of this attack's mail."""
        if self.state == "discarded":
            return "ignored"
        return self.router_id.attack_policy
