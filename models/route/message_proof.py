import time
from datetime import timedelta, timezone

from odoo import fields, models

from ...tools.inbound.proof.book import Book
from ...tools.inbound.proof.envelope import read_envelope
from ...tools.inbound.proof.verdict import Case, prove
from ...tools.servers import dns
from ...tools.watch.domain_records import is_public
from .mail_catchall_dns import SILENCE, SILENT_FOR

# Keys and records change: of old mail nothing can be said any more.
PROVEN_WITHIN = timedelta(days=7)
# Seconds for all questions about the mails of a batch, and for those of one round.
ALL_SECONDS = 6
ROUND_SECONDS = 3
MOST_ROUNDS = 20


class MailCatchallMessage(models.Model):
    """Proof: Odoo checks itself who has sent a mail, by SPF, DKIM, ARC and DMARC.

    The name servers are asked before routing, between two transactions: whoever waits
    for another server holds nothing in the database.
    """

    _inherit = "mail.catchall.message"

    sender_proof = fields.Json(
        "What Odoo Found Out about the Sender",
        readonly=True,
        groups="base.group_system",
    )

    def _prove_senders(self, opened):
        """Check who has sent these claimed messages, where their routers want it;
        commits, if there is anything to ask.

        :param opened: as for :meth:`_open_mails`
        """
        unproven = self.filtered(lambda one: one._is_unproven())
        unproven._open_mails(opened)
        domains = {one: one._provable_domains() for one in unproven.router_id}
        cases = {}
        for message in unproven:
            if case := message._read_case(domains[message.router_id], opened):
                cases[message] = case
        if not cases:
            return
        proofs = self._find_proofs(cases, stores=True)
        self._retry_on_concurrency(lambda: self._keep_proofs(proofs))

    def _keep_proofs(self, proofs):
        """Keep what was found out.

        :param proofs: {message: ``Proof``}
        """
        for message, proof in proofs.items():
            message.sender_proof = proof.as_json()

    def _prove_trial(self):
        """Check who has sent a mail that is tried out; nothing of it is kept."""
        domains = self.router_id._provable_domains()
        if self._is_unproven() and (case := self._read_case(domains)):
            for proof in self._find_proofs({self: case}, stores=False).values():
                self.sender_proof = proof.as_json()

    def _is_unproven(self):
        """Tell whether nobody has looked at who has sent it, and it is not too late."""
        is_new = self.arrived and self.arrived > fields.Datetime.now() - PROVEN_WITHIN
        return (
            self.router_id.proof_policy != "off"
            and is_new
            and self.raw_kept
            and self.complete
            and not self.released
            and not self.sender_proof
        )

    def _read_case(self, own_domains, opened=None):
        """Return the ``Case`` of it; None where there is nothing to be found out, or
        the provider has said it and that is enough.

        :param own_domains: those of its router that are public, a tuple
        :param opened: as for :meth:`_open_mails`, or None
        """
        content = self._read_content(opened)
        told = content.verdicts
        is_told = bool(told.spf or told.dkim or told.dmarc)
        if is_told and self.router_id.proof_policy != "always":
            return None
        if content.is_internal or content.was_submitted:
            return None
        case = Case(
            content.raw,
            content.headers,
            read_envelope(content.trace, knows_hosts=bool(content.own_hosts)),
            self.arrived.replace(tzinfo=timezone.utc).timestamp(),
            own_domains,
        )
        is_odd = len(content.headers.get_all("From")) > 1
        return case if is_odd or is_public(case.author) else None

    # ------------------------------------------------------------
    # ASK
    # ------------------------------------------------------------

    def _name_servers(self):
        """Return (address, port) of the name servers to ask, () for nobody."""
        return dns.system_nameservers()

    def _find_proofs(self, cases, stores):
        """Return {key: ``Proof``} of some mails.

        Each round asks at once for whatever all of them need to know next.

        :param cases: {key: ``Case``}
        :param stores: whether the transaction may be ended, and answers be kept
        """
        servers = self._name_servers()
        if not servers:
            return {}
        deadline = time.monotonic() + ALL_SECONDS
        known, found = {}, {}
        for _number in range(MOST_ROUNDS):
            wanted = _go_on(cases, known, found)
            if not wanted:
                return found
            known |= self._answers(wanted, servers, deadline, stores)
        # Whatever is still missing is not known.
        _go_on(cases, _Unknown(known), found)
        return found

    def _answers(self, wanted, servers, deadline, stores):
        """Return {question: values} of all these, None where nobody answers."""
        Dns = self.env["mail.catchall.dns"].sudo()
        known = Dns._find({*wanted, SILENCE})
        if known.pop(SILENCE, None) is not None:
            servers = ()
        missing = [(one.name, one.kind) for one in sorted(wanted - set(known))]
        if not missing:
            return known
        if stores:
            self.env["ir.cron"]._commit_progress()
        left = min(ROUND_SECONDS, deadline - time.monotonic())
        told = dns.ask_all(missing, servers, max(left, 0))
        asked = {one: told[one.name, one.kind] for one in wanted - set(known)}
        if stores and servers:
            self._keep_answers(asked, is_silent=left > 0)
        values = {one: answer and answer.values for one, answer in asked.items()}
        return known | values

    def _keep_answers(self, asked, is_silent):
        """Keep what was answered; if nothing was, that nobody is asked for a while."""
        answers = {one: answer for one, answer in asked.items() if answer}
        if not answers and is_silent:
            answers[SILENCE] = dns.Answer((), int(SILENT_FOR.total_seconds()))
        self.env["mail.catchall.dns"].sudo()._keep(answers)


class _Unknown(dict):
    """Known answers; all others are missing, and stay so."""

    def __contains__(self, question):
        return True

    def __missing__(self, question):
        return None


def _go_on(cases, known, found):
    """Prove what can be proven by what is known; return the questions for the rest.

    :param found: {key: ``Proof``}, to which those that are ready are added
    """
    wanted = set()
    for key, case in cases.items():
        if key in found:
            continue
        book = Book(known)
        proof = prove(case, book)
        if proof:
            found[key] = proof
        else:
            wanted |= book.wanted
    return wanted
