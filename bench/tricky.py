"""Mails that depend on what others have made just before them.

They arrive one right after the other, so that several share a transaction of the
router: each must find what an earlier one has made, and nothing else of it.
"""

import email.policy
from datetime import timedelta
from email import message_from_string
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from itertools import chain

import workload
from workload import DOMAIN

SALES, JOB, PROJECT = workload.ADDRESSES
EXPORT, OFFICE, PARTNERS, BOUNCE = OTHERS = tuple(
    f"{name}@{DOMAIN}" for name in ("export", "office", "friends", "bounce")
)
OWN = frozenset((*workload.ADDRESSES, *OTHERS))
LAN = '"Lan Phạm" <lan@doitac.test>'
MINH = "minh@doitac.test"
TWIN = "twin@doitac.test"
HOA = '"Hoa, Nguyễn" <hoa@khach1.example>'
NAM = "Nam <nam@khach2.example>"
OFFER, NOTE = "<offer@tenmien.test>", "<note@tenmien.test>"  # on the known lead
REQUEST = "<request@tenmien.test>"  # on the known task
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)

# ----------------------------------------------------------------------
# WHAT IS THERE
# ----------------------------------------------------------------------


def prepare(env):
    """Make what the mails meet: contacts, aliases, followers, documents; commits."""
    users = env["res.users"].search([("login", "in", ("user_a", "user_b"))])
    user_a, user_b = users.sorted("login")
    user_b.notification_type = "inbox"
    lan = _add_contacts(env)
    lead, _task = _add_documents(env, lan, user_a)
    _add_aliases(env, lead)
    for followed, follower in (
        (env["crm.team"].search([("alias_name", "=", "sales")]), user_a),
        (env["hr.job"].search([("alias_name", "=", "ketoantruong")]), user_a),
        (env["project.project"].search([("alias_name", "=", "project")]), user_b),
    ):
        every = env["mail.message.subtype"].search(
            [("res_model", "in", (followed._name, False)), ("internal", "=", False)]
        )
        followed.message_subscribe(follower.partner_id.ids, every.ids)
    env.cr.commit()


def _add_contacts(env):
    company = env["res.partner"].create({"name": "Đối Tác", "is_company": True})
    lan, *_others = env["res.partner"].create(
        [
            {"name": "Lan Phạm", "email": "lan@doitac.test", "message_bounce": 3},
            {"name": "Minh", "email": MINH, "parent_id": company.id},
            {"name": "First twin", "email": TWIN, "message_bounce": 1},
            {"name": "Second twin", "email": TWIN},
        ]
    )
    return lan


def _add_documents(env, lan, user):
    lead = env["crm.lead"].create(
        {
            "name": "Known lead",
            "partner_id": lan.id,
            "team_id": env["crm.team"].search([("alias_name", "=", "sales")]).id,
            "message_bounce": 2,
        }
    )
    lead.message_subscribe(lan.ids)
    twin = env["res.partner"].search([("email", "=", TWIN)], order="id desc", limit=1)
    project = env["project.project"].search([("alias_name", "=", "project")])
    task = env["project.task"].create(
        {"name": "Known task", "project_id": project.id, "partner_id": twin.id}
    )
    task.message_subscribe(twin.ids)
    for record, subtype, message_id in (
        (lead, "mail.mt_comment", OFFER),
        (lead, "mail.mt_note", NOTE),
        (task, "mail.mt_comment", REQUEST),
    ):
        message = record.with_user(user).message_post(
            body="Good morning", message_type="comment", subtype_xmlid=subtype
        )
        message.sudo().message_id = message_id
    return lead, task


def _add_aliases(env, lead):
    env["crm.team"].create({"name": "Export", "alias_name": "export"})
    domain = env.company.alias_domain_id
    model = env["ir.model"]._get_id("crm.lead")
    env["mail.alias"].create(
        [
            {
                "alias_name": "office",
                "alias_model_id": model,
                "alias_domain_id": domain.id,
                "alias_force_thread_id": lead.id,
            },
            {
                "alias_name": "friends",
                "alias_model_id": model,
                "alias_domain_id": domain.id,
                "alias_contact": "partners",
            },
        ]
    )


# ----------------------------------------------------------------------
# THE MAILS
# ----------------------------------------------------------------------


def mails():
    """Return the bytes of the mails, in the order of their arrival."""
    groups = (_customers(), _contacts(), _answers(), _several(), _forms(), _own())
    messages = list(chain.from_iterable(groups))
    for minute, message in enumerate(messages):
        when = workload.BEGINNING + timedelta(minutes=minute)
        message["Date"] = format_datetime(when)
    return [
        workload.traced(message, recipient)
        for message in (*messages, messages[0])  # once more, by an impatient server
        for recipient in _own_recipients(message)
    ]


def _customers():
    """Customers who write for the first time, several times in a row."""
    yield _mail("hoa-1", HOA, PROJECT)  # which makes a contact of her
    yield _mail("hoa-2", HOA, SALES)
    yield _mail("hoa-3", HOA, JOB)
    yield _mail("nam-1", NAM, SALES)  # which makes none of him
    yield _mail("nam-2", NAM, EXPORT)
    yield _mail("nam-3", NAM, PROJECT)
    yield _mail("nam-4", NAM, SALES)
    # Its conversation has another beginning, so it may share the first's transaction.
    yield _mail("nam-5", NAM, SALES, references=f"<lost@khach2.example> {_id('nam-1')}")
    yield _mail("colleague-1", "x@khach1.example", PROJECT, references=_id("hoa-1"))
    yield _mail("hoa-4", HOA, SALES, in_reply_to=_id("hoa-2"))


def _contacts():
    """Contacts, some with bounces that end when they write."""
    yield _mail("lan-1", LAN, SALES)
    yield _mail("lan-2", "LAN@DoiTac.test", PROJECT)
    yield _mail("minh-1", f"Minh <{MINH}>", JOB)
    yield _report("bounce-1", OFFER, LAN)  # which ends with the next mail of hers
    yield _mail("lan-3", LAN, SALES, references=OFFER)
    yield _mail("twin-1", TWIN, SALES)
    yield _mail("twin-2", TWIN, PROJECT, references=REQUEST)
    yield _mail("office-1", "one@khach3.example", OFFICE)
    yield _mail("office-2", LAN, OFFICE)
    yield _mail("office-3", "two@khach3.example", OFFICE, cc=f"{MINH}, {LAN}")
    yield _mail("friends-1", MINH, PARTNERS)


def _answers():
    """Answers to what Odoo has sent, and what only looks like one."""
    yield _mail("stranger-1", "new@khach4.example", SALES, cc=LAN, references=OFFER)
    yield _mail("minh-2", MINH, SALES, references=OFFER, in_reply_to=OFFER)
    yield _mail("lan-4", LAN, PROJECT, references=OFFER)  # forwarded to the project
    yield _mail("lan-5", LAN, SALES, references="<unknown@tenmien.test>")
    yield _mail("away-1", LAN, SALES, references=OFFER, Auto_Submitted="auto-replied")
    yield _mail("friends-2", "stranger@khach4.example", PARTNERS)
    yield _report("bounce-2", REQUEST, TWIN)


def _several():
    """Mails to several: one copy for each of our own addresses."""
    both = f"{SALES}, {PROJECT}"
    yield _mail("both-1", "both@khach5.example", both)
    teams = f"{SALES}, Export <{EXPORT}>"
    people = f"{LAN}, else@khach5.example"
    yield _mail("teams-1", LAN, teams, cc=people)
    yield _mail("copied-1", HOA, MINH, cc=f"Sales@TenMien.test, user_a@{DOMAIN}")
    yield _mail("with-user-1", HOA, f"{PROJECT}, user_b@{DOMAIN}, {MINH}")


def _forms():
    """Mails of unusual form."""
    yield _mail("untitled-1", "a@khach6.example", SALES, subject="")
    yield _mail("untitled-2", "b@khach6.example", JOB, subject="")
    yield _mail("untitled-3", "c@khach6.example", PROJECT, subject="")
    yield _mail("quoted-1", '"Ông \\"Ba\\"" <ba@khach6.example>', SALES)
    yield _mail("picture-1", "d@khach6.example", SALES, change=_add_picture)
    yield _mail("files-1", "e@khach6.example", JOB, change=_add_files)
    yield _mail("enclosed-1", "f@khach6.example", PROJECT, change=_add_mail)
    yield _mail("list-1", "g@khach6.example", SALES, List_Id="<l.khach6.example>")


def _own():
    """Mails of our own users."""
    yield _mail("user-a-1", f"User A <user_a@{DOMAIN}>", SALES)
    yield _mail("user-a-2", f"User A <user_a@{DOMAIN}>", PROJECT)
    yield _mail("user-b-1", f"user_b@{DOMAIN}", SALES, references=OFFER)
    yield _mail("user-b-2", f"user_b@{DOMAIN}", SALES, references=NOTE)
    yield _mail("user-b-3", f"user_b@{DOMAIN}", JOB)


# ----------------------------------------------------------------------
# FORM
# ----------------------------------------------------------------------


def _id(name):
    return f"<{name}@khach.example>"


def _mail(
    name,
    sender,
    to,
    *,
    cc="",
    subject=None,
    references="",
    in_reply_to="",
    change=None,
    **headers,
):
    """Return an ``EmailMessage``.

    :param change: function that adds to the message
    :param headers: further headers, ``_`` for ``-``
    """
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"], message["To"] = sender, to
    message["Message-ID"] = _id(name)
    named = {
        "Cc": cc,
        "Subject": f"About {name}" if subject is None else subject,
        "References": references,
        "In-Reply-To": in_reply_to,
    }
    named |= {key.replace("_", "-"): value for key, value in headers.items()}
    for header, value in named.items():
        if value:
            message[header] = value
    message.set_content(f"Xin chào,\nthis is {name}.\n-- \nBest regards\n")
    if change:
        change(message)
    return message


def _own_recipients(message):
    """Return our addresses in a mail: for each a copy arrives."""
    named = [
        one.addr_spec.lower()
        for header in ("To", "Cc")
        if message[header]
        for one in message[header].addresses
    ]
    return [one for one in named if one in OWN]


def _report(name, message_id, recipient):
    """Return a report that a message has not reached its recipient, RFC 3464."""
    sender = f"Mail Delivery System <MAILER-DAEMON@mx.{DOMAIN}>"
    message = _mail(name, sender, BOUNCE, Auto_Submitted="auto-replied")
    message.make_mixed()
    report = (
        f"Reporting-MTA: dns; mx.{DOMAIN}\n\n"
        f"Final-Recipient: rfc822; {parseaddr(recipient)[1]}\n"
        "Action: failed\nStatus: 5.1.1\n"
        "Diagnostic-Code: smtp; 550 5.1.1 User unknown\n"
    )
    for subtype, text in (
        ("delivery-status", report),
        ("rfc822", f"Message-ID: {message_id}\nSubject: Good morning\n\nHello\n"),
    ):
        part = message_from_string(
            f"Content-Type: message/{subtype}\n\n{text}", policy=email.policy.SMTP
        )
        message.attach(part)
    message.set_type("multipart/report")
    message.set_param("report-type", "delivery-status")
    return message


def _add_picture(message):
    message.add_alternative(
        '<p>Look: <img src="cid:picture@khach6.example"></p>', subtype="html"
    )
    message.get_payload()[1].add_related(
        PICTURE,
        "image",
        "png",
        cid="<picture@khach6.example>",
        filename="picture.png",
    )


def _add_files(message):
    message.add_attachment(
        b"%PDF-1.4 CV", maintype="application", subtype="pdf", filename="Hồ sơ.pdf"
    )
    message.add_attachment("<invoice/>", subtype="xml", filename="invoice.xml")
    message.add_attachment("Ghi chú\n", filename="notes.txt")
    message.add_attachment("Ghi chú\n", filename="notes.txt")  # twice


def _add_mail(message):
    inner = EmailMessage(policy=email.policy.SMTP)
    inner["From"], inner["Subject"] = "z@khach6.example", "Enclosed"
    inner.set_content("Enclosed text\n")
    message.add_attachment(inner)
