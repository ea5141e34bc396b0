"""What mail has made in a database, without ids, so that two databases compare.

Runs inside an Odoo process. Records are named by what people see of them: documents by
the mail that made them, messages by their Message-ID, contacts by address.
"""

import re
from collections.abc import Mapping

from checkout import reply_address

DOCUMENTS = ("crm.lead", "hr.applicant", "project.task")
PLACES = ("team_id", "job_id", "project_id")
OURS = ("mail_catchall_router",)
# Addresses in an order that Odoo draws anew in each process.
COPIES = ("email_cc", "incoming_email_to", "incoming_email_cc")
# What is left out, and why.
LEFT_OUT = (
    ("create_date", "two databases are filled one after the other"),
    ("write_date", "two databases are filled one after the other"),
    ("access_token", "drawn at random"),
    ("html_field_history", "notes the time"),
    ("res_id", "the message stands under its document"),
)
LEFT_OUT_NAMES = frozenset(name for name, _reason in LEFT_OUT)
# Pictures inside a text; the files themselves are compared too.
PICTURE = re.compile(r"/web/image/\d+\?access_token=[\w-]+")
# Their Message-IDs are drawn at random.
BY_ODOO = "by Odoo"
DRAWN = re.compile(r"-openerp-\d+-[\w.]+@")


def describe(env):
    """Return what is there: documents, contacts, aliases and mail to be sent, as a
    dict of str, numbers, lists and dicts."""
    env = env(context=dict(env.context, active_test=False))
    env.flush_all()
    env.invalidate_all()
    documents = [one for model in DOCUMENTS for one in _all(env[model])]
    return {
        "documents": _by_name(documents, _name, _document),
        "contacts": _by_name(_all(env["res.partner"]), _name, _contact),
        "aliases": {
            one.alias_full_name: one.alias_status
            for one in _all(env["mail.alias"])
            if one.alias_full_name
        },
        "mails": _by_name(_all(env["mail.mail"]), _mail_name, _mail),
        "loose attachments": sorted(
            _attachment(one)
            for one in _all(env["ir.attachment"])
            if not one.res_id and one.res_model in (*DOCUMENTS, "mail.message")
        ),
    }


def _all(model):
    return model.search([], order="id")


# ----------------------------------------------------------------------
# NAMES
# ----------------------------------------------------------------------


def _name(record):
    """Return a name of a record that is the same in every database."""
    if record._name in DOCUMENTS:
        return _document_name(record)
    if record._name == "mail.message":
        return _message_name(record)
    if record._name == "res.users":
        return record.login
    if record._name == "res.partner":
        return record.email_normalized or record.name or ""
    return record.display_name or ""


def _document_name(record):
    """One mail can make a document in several places."""
    place = next((record[name] for name in PLACES if name in record._fields), "")
    return f"{record._name} “{record.display_name}” in {place.display_name}"


def _message_name(message):
    is_given = message.message_id.endswith(".test>") and not DRAWN.search(
        message.message_id
    )
    if message.message_type == "email" or is_given:
        return message.message_id
    return f"{BY_ODOO}: {message.subject or message.preview or message.message_type}"


def _mail_name(mail):
    """Return what a mail is about, and for whom."""
    to = sorted([*map(_name, mail.recipient_ids), mail.email_to or ""])
    return f"{_message_name(mail.mail_message_id)} to {', '.join(filter(None, to))}"


def _unsigned(reply_to):
    """Return a formatted Reply-To without the signature that the router adds."""
    name, at, domain = (reply_to or "").rpartition("@")
    address = f"{name.rpartition('<')[2]}@{domain.removesuffix('>')}"
    if reply_address.looks_like_reply_address(address):
        name = name.rpartition(".")[0]
    return f"{name}{at}{domain}"


def _by_name(records, name, describe_one):
    """Return {name: description}; one more of the same name gets a number."""
    found = {}
    for record in records:
        free = base = name(record)
        number = 1
        while free in found:
            number += 1
            free = f"{base} ({number})"
        found[free] = describe_one(record)
    return found


def _numbered(messages):
    """Return the messages of a record, oldest first, by number and name."""
    ordered = messages.sorted("id")
    return {
        f"{number} {_name(one)}": _message(one)
        for number, one in enumerate(ordered, start=1)
    }


# ----------------------------------------------------------------------
# RECORDS
# ----------------------------------------------------------------------


def _document(record):
    attached = record.env["ir.attachment"].search(
        [("res_model", "=", record._name), ("res_id", "=", record.id)]
    )
    return {
        "values": _values(record),
        "followers": {
            _name(one.partner_id): sorted(one.subtype_ids.mapped("name"))
            for one in record.message_follower_ids
        },
        "messages": _numbered(_messages(record)),
        "attachments": sorted(map(_attachment, attached)),
        "activities": sorted(one.display_name for one in record.activity_ids),
    }


def _contact(partner):
    return {
        "values": _values(partner),
        "messages": _numbered(_messages(partner)),
    }


def _messages(record):
    domain = [("model", "=", record._name), ("res_id", "=", record.id)]
    return record.env["mail.message"].search(domain)


def _message(message):
    values = _values(message)
    values["message_id"] = _name(message)
    values["reply_to"] = _unsigned(message.reply_to)
    values["attachment_ids"] = sorted(map(_attachment, message.attachment_ids))
    if message.message_type == "email":
        values["date"] = str(message.date)
    return dict(
        values,
        tracking=sorted(map(_tracking, message.tracking_value_ids)),
        notified=sorted(map(_notification, message.notification_ids)),
    )


def _tracking(value):
    return str(
        [value.field_id.name]
        + [
            value[f"{which}_value_{kind}"]
            for which in ("old", "new")
            for kind in ("char", "text", "float")
        ]
    )


def _notification(one):
    return str(
        (
            _name(one.res_partner_id) or one.mail_email_address,
            one.notification_type,
            one.notification_status,
            one.failure_type,
        )
    )


def _attachment(one):
    return str((one.name, one.mimetype, one.checksum, one.file_size, one.type))


def _mail(mail):
    return {
        "cc": mail.email_cc or "",
        "from": mail.email_from or "",
        "reply_to": _unsigned(mail.reply_to),
        "subject": mail.subject or "",
        "kept": not mail.auto_delete,
        "state": mail.state,
    }


# ----------------------------------------------------------------------
# VALUES
# ----------------------------------------------------------------------


def _values(record):
    """Return {field: value} of all that is stored in a record and comparable."""
    return {
        name: _value(record, field)
        for name, field in sorted(record._fields.items())
        if _is_compared(name, field)
    }


def _is_compared(name, field):
    return (
        name != "id"
        and name not in LEFT_OUT_NAMES
        and field.store
        and field.type not in ("one2many", "binary")
        and tuple(field._modules) != OURS
    )


def _value(record, field):
    value = record[field.name]
    if field.type == "many2one":
        return _name(value) if value else None
    if field.type == "many2many":
        return sorted(map(_name, value))
    if field.type in ("date", "datetime"):
        return bool(value)  # of when it was filled
    if field.type in ("properties", "properties_definition", "json", "reference"):
        return str(dict(value) if isinstance(value, Mapping) else value)
    if field.name in COPIES:
        return sorted(filter(None, map(str.strip, (value or "").split(","))))
    if field.type == "html":
        return PICTURE.sub("/web/image", value or "")
    return value
