"""Vendor bills by email, in a database where apps end the transaction as they like.

Runs inside ``odoo shell``; :mod:`sandbox.billing` starts it.

Importing an e-invoice commits, and rolls back what it cannot read
(``account.document.import.mixin``). Other apps do here what any app may do: commit,
roll back, raise after a commit, or die after one.
"""

import contextlib
import io
import json
import os
import random
import time
from email.message import EmailMessage
from pathlib import Path

import psycopg2

from odoo import api
from odoo.tools.pdf import OdooPdfFileWriter

from . import config
from .seed import DOMAIN, seed

BILLS = f"hoadon@{DOMAIN}"
SALES = f"sales@{DOMAIN}"
INVOICE = config.CHECKOUT / "tests" / "bill.xml"
# One mail in so many: its bill is a PDF with the XML in it; it has no Subject.
PDF_EVERY = 4
NO_SUBJECT_EVERY = 3
# What an app does once in a while, wherever it has code of its own.
PLACES = ("message_new", "_message_post_after_hook")
DEEDS = ("commit", "commit_and_raise", "roll_back", "commit_and_die")
MISCHIEF = 0.08


# ----------------------------------------------------------------------
# PREPARE
# ----------------------------------------------------------------------


def prepare(env, count, copies):
    """Give a company a vendor-bill address and a sales team's, and journal this many
    mails that are for both; commit.

    :param copies: address that gets a copy of each bill
    """
    # Sales teams and sales journals want the same name.
    env["mail.alias"].search([]).alias_name = False
    if not env.company.chart_template:
        env["account.chart.template"].try_loading("generic_coa", env.company)
    seed(env)
    domain = [("type", "=", "purchase"), ("company_id", "=", env.company.id)]
    env["account.journal"].search(domain, limit=1).write(
        {
            "alias_name": BILLS.partition("@")[0],
            "alias_domain_id": env.company.alias_domain_id.id,
            "incoming_einvoice_notification_email": copies,
        }
    )
    router = env["mail.catchall.router"].search([])
    # The same vendors write again and again.
    router.write({"burst_count": 0, "attack_count": 0})
    env["ir.config_parameter"].set_param("mail.gateway.loop.threshold", "10000")
    env["mail.catchall.message"]._journal(
        router,
        [
            {"raw": _mail(number, env.company.currency_id.name), "entrance": "import"}
            for number in range(count)
        ],
    )
    env.cr.commit()


def _mail(number, currency):
    """Return the bytes of a vendor's mail with a bill of this number."""
    message = EmailMessage()
    message["X-Original-To"] = BILLS
    message["X-Original-To"] = SALES
    message["From"] = f"Vendor <vendor{number % 20}@nhacungcap.test>"
    message["To"] = f"{BILLS}, {SALES}"
    message["Message-ID"] = f"<{_name(number)}@nhacungcap.test>"
    if number % NO_SUBJECT_EVERY:
        message["Subject"] = f"Hoá đơn {_name(number)}"
    message.set_content("Gửi anh chị hoá đơn.\n")
    template = INVOICE.read_text(encoding="utf-8")
    values = {"name": _name(number), "amount": f"{number + 1}.00", "currency": currency}
    xml = template.format(**values).encode()
    if number % PDF_EVERY:
        name, content, kind = f"{_name(number)}.xml", xml, "xml"
    else:
        name, content, kind = f"{_name(number)}.pdf", _pdf(xml), "pdf"
    message.add_attachment(content, "application", kind, filename=name)
    return message.as_bytes()


def _name(number):
    return f"BILL-{number:04}"


def _pdf(xml):
    """Return the bytes of a PDF that has an e-invoice in it, as Factur-X has."""
    writer, stream = OdooPdfFileWriter(), io.BytesIO()
    writer.addBlankPage(width=595, height=842)
    writer.addAttachment("factur-x.xml", xml, subtype="text/xml")
    writer.write(stream)
    return stream.getvalue()


# ----------------------------------------------------------------------
# WORK
# ----------------------------------------------------------------------


def work(env, seed_number, life, ready):
    """Route until nothing waits, with apps that misbehave; say when that begins.

    :param ready: path of the file to make when everything is loaded
    """
    dice = random.Random(f"{seed_number} {life}")
    for model in ("account.move", "crm.lead"):
        for place in PLACES:
            _spoil(env.registry[model], place, dice)
    messages = env["mail.catchall.message"]
    Path(ready).touch()
    while messages.search_count([("state", "in", ("received", "failed"))]):
        messages._cron_route()
        env.cr.commit()
        # Time passes: all that failed is tried again.
        with contextlib.suppress(psycopg2.errors.SerializationFailure):
            messages.search([("next_attempt", "!=", False)]).next_attempt = False
            env.flush_all()
        time.sleep(0.2)
        env.cr.commit()


def _spoil(model, place, dice):
    """Let a method of a model misbehave now and then, after it has done its work."""
    origin = getattr(model, place)

    def spoilt(self, *arguments, **options):
        result = origin(self, *arguments, **options)
        # What an app raises while a bill is imported, Invoicing takes for an error of
        # the bill: there it misbehaves over the mail alone.
        is_mail = place == "message_new" or arguments[0].message_type == "email"
        if is_mail and dice.random() < MISCHIEF:
            _misbehave(self.env.cr, dice.choice(DEEDS))
        return result

    spoilt.__name__ = place
    setattr(model, place, api.model(spoilt) if place == "message_new" else spoilt)


def _misbehave(cr, deed):
    if deed == "roll_back":
        cr.rollback()
        return
    cr.commit()
    if deed == "commit_and_raise":
        raise ValueError("An app has raised this.")
    if deed == "commit_and_die":
        os._exit(9)


# ----------------------------------------------------------------------
# COUNT
# ----------------------------------------------------------------------


def count(env, path):
    """Send what is queued, and write down as JSON what has become of the mails."""
    env["mail.mail"].process_email_queue()
    messages = env["mail.catchall.message"].search([])
    bills = env["account.move"].search([])
    found = {
        "states": messages.mapped("state"),
        "attempts": sum(messages.mapped("attempt_count")),
        "crashes": sum(messages.mapped("crash_count")),
        "errors": [error for error in messages.mapped("error") if error],
        "bills": bills.mapped("ref"),
        "amounts": bills.mapped("amount_untaxed"),
        "leads": len(env["crm.lead"].search([])),
        "on_bills": _mails_on(env, "account.move"),
        "on_leads": _mails_on(env, "crm.lead"),
    }
    Path(path).write_text(json.dumps(found), encoding="utf-8")


def _mails_on(env, model):
    """Return the Message-IDs of the emails on documents of a model."""
    domain = [("model", "=", model), ("message_type", "=", "email")]
    return env["mail.message"].search(domain).mapped("message_id")
