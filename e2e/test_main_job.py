"""The main job: customers' mail becomes records, and their answers find them again."""

import base64
import unicodedata

import pytest

from sandbox.client import CUSTOMER, address_of, compose
from sandbox.mailserver import CATCHALL, DELIVERIES

SALES = "sales@tenmien.test"
JOB = "ketoantruong@tenmien.test"
PROJECT = "project@tenmien.test"
USER = "user_a@tenmien.test"
OUTSIDE = "another@khachhang.test"
LEAD = ("delivered", "alias", "crm.lead")
APPLICANT = ("delivered", "alias", "hr.applicant")
TASK = ("delivered", "alias", "project.task")
# An answer is recognised by what it refers to, or by the address it goes to.
ANSWER = {"reference", "reply_address"}
CV = b"%PDF-1.4\n" + bytes(range(256)) * 20
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)


@pytest.fixture(params=DELIVERIES)
def style(request, system):
    """Each way of a provider to deliver into the catch-all mailbox."""
    with system.delivery(request.param):
        yield request.param


def records(system, model, subject):
    """Return the records that a mail with this subject has made."""
    name = "partner_name" if model == "hr.applicant" else "name"
    made = system.search("mail.message", [["subject", "=", subject]])
    ids = {row["res_id"] for row in made if row["model"] == model}
    return system.search(model, [["id", "in", list(ids)]], [name, "company_id"])


def make_lead(system, subject):
    """Return the lead of a new customer's mail."""
    system.send(SALES, subject=subject, body="Xin báo giá.")
    system.process()
    (lead,) = system.search("crm.lead", [["name", "=", subject]])
    return lead


def attachments(system, model, res_id):
    """Return {name: bytes} of what is attached to a record."""
    domain = [["res_model", "=", model], ["res_id", "=", res_id]]
    found = system.search("ir.attachment", domain, ["name", "datas"])
    return {row["name"]: base64.b64decode(row["datas"]) for row in found}


# ----------------------------------------------------------------------
# RECORDS
# ----------------------------------------------------------------------


def test_a_customers_mail_becomes_a_lead(system, style):
    """The lead names the customer, and the journal names the evidence."""
    message = system.send(SALES, subject=f"Lead {style}", body="Xin chào")
    system.process()
    assert system.deliveries(message) == {SALES: LEAD}
    (lead,) = system.search("crm.lead", [["name", "=", f"Lead {style}"]])
    assert address_of(lead["email_from"]) == address_of(CUSTOMER)
    (note,) = system.conversation("crm.lead", lead["id"])
    assert "Xin chào" in note["body"]
    (row,) = system.journal(message)
    assert (row["state"], row["reason_code"]) == ("delivered", False)
    evidence = "X-Original-To" if style == "virtual" else "Received"
    assert f"{evidence} says that it was sent to {SALES}" in row["why"]


def test_the_journal_keeps_a_mail_byte_by_byte(system):
    """What can be downloaded is what the mail server has."""
    message = system.send(SALES, subject="Bytes", body="Tiếng Việt\n\n\x20\n.")
    system.process()
    (row,) = system.journal(message)
    assert [base64.b64decode(row["raw"])] == system.client.raw_mails(CATCHALL)


def test_an_application_becomes_an_applicant_with_its_cv(system):
    """The CV is attached to the applicant of the right job, unharmed."""
    message = system.send(
        JOB, subject="Ứng tuyển", body="CV", attachments=[("CV Lan.pdf", CV)]
    )
    system.process()
    assert system.deliveries(message) == {JOB: APPLICANT}
    domain = [["job_id.name", "=", "Kế toán trưởng"]]
    (applicant,) = system.search("hr.applicant", domain, ["email_from"])
    assert address_of(applicant["email_from"]) == address_of(CUSTOMER)
    assert attachments(system, "hr.applicant", applicant["id"]) == {"CV Lan.pdf": CV}


def test_a_mail_to_the_project_becomes_its_task(system):
    """The task belongs to the project whose alias it was sent to."""
    message = system.send(PROJECT, subject="A task", body="Please")
    system.process()
    assert system.deliveries(message) == {PROJECT: TASK}
    domain = [["name", "=", "A task"]]
    (task,) = system.search("project.task", domain, ["project_id"])
    assert task["project_id"][1] == "Dự án"


def test_one_mail_to_all_three_becomes_three_records(system, style):
    """As three copies or as one, each recipient is served once."""
    subject = f"All three {style}"
    message = system.send(SALES, JOB, PROJECT, subject=subject, body="x")
    assert len(system.catchall()) == (3 if style == "virtual" else 1)
    system.process()
    expected = {SALES: LEAD, JOB: APPLICANT, PROJECT: TASK}
    assert system.deliveries(message) == expected
    for model in ("crm.lead", "hr.applicant", "project.task"):
        assert len(records(system, model, subject)) == 1, model
    assert {row["state"] for row in system.journal(message)} <= {"delivered", "ignored"}


def test_an_alias_with_a_plus_addition_is_the_alias(system):
    """The addition is the customer's own."""
    message = system.send("sales+x@tenmien.test", subject="Plus", body="x")
    system.process()
    expected = ("delivered", "plus_address", "crm.lead")
    assert system.deliveries(message) == {"sales+x@tenmien.test": expected}


# ----------------------------------------------------------------------
# RECIPIENTS
# ----------------------------------------------------------------------


def test_a_blind_copy_becomes_a_record(system, style):
    """No header of the sender names the recipient; the mail server does."""
    message = system.send(
        OUTSIDE, bcc=[PROJECT], separate=True, subject=f"Bcc {style}", body="x"
    )
    system.process()
    assert system.deliveries(message) == {PROJECT: TASK}
    assert len(records(system, "project.task", f"Bcc {style}")) == 1
    assert len(system.inbox(OUTSIDE)) == 1


def test_a_blind_copy_besides_a_lead_becomes_a_task(system, style):
    """The copies that come one by one complete each other."""
    subject = f"To and Bcc {style}"
    message = system.send(SALES, bcc=[PROJECT], separate=True, subject=subject)
    system.process()
    assert system.deliveries(message) == {SALES: LEAD, PROJECT: TASK}
    assert len(records(system, "crm.lead", subject)) == 1
    assert len(records(system, "project.task", subject)) == 1


def test_a_users_own_copy_is_not_handled_a_second_time(system, style):
    """To a user with a mailbox, Cc to an alias: only the alias is Odoo's."""
    message = system.send(USER, cc=[SALES], subject=f"Cc {style}", body="x")
    assert len(system.inbox(USER)) == 1
    system.process()
    assert system.deliveries(message) == {SALES: LEAD}
    assert len(records(system, "crm.lead", f"Cc {style}")) == 1
    assert [row["state"] for row in system.journal(message)] == ["delivered"]


def test_the_same_mail_again_makes_no_second_record(system, style):
    """The sending server was not sure and has sent it twice."""
    subject = f"Twice {style}"
    message = system.send(SALES, subject=subject, body="x")
    system.process()
    system.deliver(message)
    system.process()
    assert len(records(system, "crm.lead", subject)) == 1
    ends = [(row["state"], row["reason_code"]) for row in system.journal(message)]
    assert sorted(ends, key=str) == [("delivered", False), ("ignored", "duplicate")]
    assert len(system.deliveries(message)) == 1


def test_an_unknown_address_is_held(system, style):
    """A person sees the mail and why it waits; nobody gets an answer."""
    address = "nobody@tenmien.test"
    message = system.send(address, subject=f"Unknown {style}", body="x")
    system.process()
    (row,) = system.journal(message)
    assert (row["state"], row["reason_code"]) == ("held", "unknown_recipient")
    assert address in row["reason"]
    assert system.deliveries(message) == {address: ("held", False, False)}
    assert not system.search("mail.message", [["subject", "=", message["Subject"]]])
    assert not system.inbox(address_of(CUSTOMER))


# ----------------------------------------------------------------------
# CONTENT
# ----------------------------------------------------------------------


@pytest.mark.parametrize("charset", ["utf-8", "windows-1258"])
def test_vietnamese_is_read_as_it_was_written(system, charset):
    """Subject and body, in the charset of today and in that of old Outlooks."""
    # windows-1258 writes the tone marks as characters of their own.
    subject = f"Ba\u0301o gia\u0301 {charset}"
    body = "Ki\u0301nh gư\u0309i quy\u0301 công ty, câ\u0300n ghê\u0301 đe\u0323p."
    raw = "\r\n".join(
        [
            f"From: {address_of(CUSTOMER)}",
            f"To: {SALES}",
            f"Message-ID: <vietnamese-{charset}@khachhang.test>",
            f"Subject: {_encoded_word(subject, charset)}",
            "MIME-Version: 1.0",
            f'Content-Type: text/plain; charset="{charset}"',
            "Content-Transfer-Encoding: 8bit",
            "",
            body,
            "",
        ]
    ).encode(charset)
    system.deliver(raw)
    system.process()
    domain = [["message_id", "=", f"<vietnamese-{charset}@khachhang.test>"]]
    (note,) = system.search("mail.message", domain, ["subject", "body", "model"])
    assert note["model"] == "crm.lead"
    assert _composed(note["subject"]) == _composed(subject)
    assert _composed(body) in _composed(note["body"])
    (row,) = system.search("mail.catchall.message", domain, ["subject", "preview"])
    assert _composed(row["subject"]) == _composed(subject)
    assert _composed(body) in _composed(row["preview"])


def _encoded_word(text, charset):
    encoded = base64.b64encode(text.encode(charset)).decode()
    return f"=?{charset}?B?{encoded}?="


def _composed(text):
    return unicodedata.normalize("NFC", text)


def test_an_inline_image_is_shown_where_it_was(system):
    """The body's cid: becomes an address of the stored image."""
    message = compose(
        to=[SALES],
        subject="Inline image",
        body="See the picture",
        html='<p>See <img src="cid:pixel@khachhang.test"></p>',
    )
    html = message.get_body(("html",))
    html.add_related(
        PIXEL, "image", "png", cid="<pixel@khachhang.test>", filename="pixel.png"
    )
    system.deliver(message)
    system.process()
    (lead,) = system.search("crm.lead", [["name", "=", "Inline image"]])
    (note,) = system.conversation("crm.lead", lead["id"])
    assert "cid:" not in note["body"]
    assert "/web/image/" in note["body"]
    assert PIXEL in attachments(system, "crm.lead", lead["id"]).values()


# ----------------------------------------------------------------------
# ANSWERS
# ----------------------------------------------------------------------


def test_a_conversation_stays_on_one_lead(system, style):
    """User A answers under the own name, and the customer's answer comes back."""
    subject = f"Conversation {style}"
    lead = make_lead(system, subject)
    user_a = system.login("user_a")
    system.write(user_a, "crm.lead", lead["id"], "Giá là 100 đồng.")
    letter = system.wait_for_mail(address_of(CUSTOMER), subject)
    assert str(letter["From"]) == f"User A <{USER}>"
    answer = system.answer(letter, body="Đồng ý!")
    system.process()
    ((state, matched_by, model),) = system.deliveries(answer).values()
    assert (state, model) == ("delivered", "crm.lead")
    assert matched_by in ANSWER
    notes = system.conversation("crm.lead", lead["id"])
    words = ["Xin báo giá.", "Giá là 100 đồng.", "Đồng ý!"]
    assert all(word in note["body"] for word, note in zip(words, notes, strict=True))
    assert notes[-1]["author_id"][0] in notes[1]["partner_ids"]
    assert len(system.search("crm.lead", [["name", "ilike", subject]])) == 1


def test_an_answer_to_the_catch_all_address_finds_its_record(system, style):
    """A contact has no alias: Reply-To is an address that every document shares."""
    name, email = f"Contact {style}", f"{style}@khachhang.test"
    contact = system.rpc("res.partner", "create", {"name": name, "email": email})
    user_a = system.login("user_a")
    system.write(user_a, "res.partner", contact, "Hello", to=[email])
    letter = system.wait_for_mail(address_of(CUSTOMER), name)
    assert address_of(letter["Reply-To"]).endswith("@tenmien.test")
    answer = system.answer(letter, sender=email, body="Hello yourself")
    system.process()
    ((state, matched_by, model),) = system.deliveries(answer).values()
    assert (state, model) == ("delivered", "res.partner")
    assert matched_by in ANSWER
    notes = system.conversation("res.partner", contact)
    assert "Hello yourself" in notes[-1]["body"]
    assert notes[-1]["author_id"][0] == contact
