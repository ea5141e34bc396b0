"""What goes wrong when mail is sent, done alike to Odoo with and without this addon,
against a mail server that says what a case lets it say.

Runs inside an Odoo process. A case returns (whether that is what people expect, what
happened in words).
"""

import email
import importlib.util
import sys
from datetime import timedelta
from email.header import decode_header, make_header
from email.utils import getaddresses
from pathlib import Path

from odoo import fields
from odoo.exceptions import UserError

from odoo.addons.base.models.ir_mail_server import MailDeliveryException

AUTHOR = "user_a@tenmien.test"
LAN, BINH = "lan@khachhang.test", "binh@khachhang.test"
FORM, HOA = "no-reply@forms.test", "hoa@khachhang.test"
TESTER = "tester@elsewhere.test"
SUBJECTS = (
    "khách hàng - … báo giá cho khách hàng - … của công ty chúng tôi - …",
    "Báo giá tháng 11 - Công ty Tên Miền - gói \u201cVàng\u201d – đợt 2",
    "Re: [#4711] Đơn hàng - … (bản sửa)",
    "Angebot für Müller & Söhne - Größe 40, 41 … - Rückfrage",
)
COMPANIES = (
    "Công ty trách nhiệm hữu hạn một thành viên Tên Miền, Co., Ltd.",
    "Doé, John",
    "Tên Miền Co., Ltd.",
    "Lê, Văn (Sales)",
)
OTHERS = ("CEO <ceo@tenmien.test> ö", "Sếp <boss@tenmien.test>, và trợ lý")
GIF = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"
PASSWORD = "Mật-khẩu-bí-mật"
QUEUE = "mail.ir_cron_mail_scheduler_action"
KEPT_OF_SERVERS = ("mail.catchall.server.state", "mail.catchall.refused.sender")


def run(env, words=(), mailing=False):
    """Return [[case, whether it went well, what happened]] of all cases, or of those
    whose names have one of these words.

    :param mailing: do those that need Email Marketing, instead of the others
    """
    rows = []
    for name, case in MAILING_CASES if mailing else CASES:
        if words and not any(word in name for word in words):
            continue
        with _smtp_server() as smtp:
            scene = Scene(env, smtp)
            rows.append([name, *case(scene)])
            scene.tidy()
    return rows


def _smtp_server():
    """Return the scripted server of the tests, whose package asks for Odoo's own."""
    path = Path(__file__).resolve().parent.parent / "tests" / "smtp_server.py"
    spec = importlib.util.spec_from_file_location("smtp_server", path)
    module = importlib.util.module_from_spec(spec)
    # Its dataclasses look themselves up there.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module.smtp_server()


class Scene:
    """A database whose only mail server is the scripted one."""

    def __init__(self, env, smtp):
        self.env, self.smtp = env, smtp
        self.server = env["ir.mail_server"].search([], limit=1)
        self.server.write(
            {
                "smtp_host": "127.0.0.1",
                "smtp_port": smtp.port,
                "smtp_encryption": "none",
                "smtp_pass": "secret",
            }
        )
        self.author = env["res.users"].search([("login", "=", "user_a")])
        self.document = env["crm.lead"].create(
            {"name": "Document", "type": "lead", "user_id": self.author.id}
        )
        env.cr.commit()
        # What colleagues are told of it is another matter.
        env["mail.mail"].search([]).unlink()
        env.cr.commit()
        smtp.letters.clear()

    def tidy(self):
        """Leave nothing to the next case."""
        self.env.cr.rollback()
        for model in KEPT_OF_SERVERS:
            if model in self.env:
                self.env[model].sudo().search([]).unlink()
        self.env.cr.commit()

    # ------------------------------------------------------------
    # SENDING
    # ------------------------------------------------------------

    def mail(self, **values):
        return self.env["mail.mail"].create(
            {
                "email_from": f'"User A" <{AUTHOR}>',
                "email_to": LAN,
                "subject": "Offer",
                "body_html": "<p>Hello</p>",
                "auto_delete": False,
                **values,
            }
        )

    def partner(self, name, address):
        return self.env["res.partner"].create({"name": name, "email": address})

    def post(self, partners, document=None, user=None):
        """Write to partners on a document; return the mail.message."""
        document = document or self.document
        return document.with_user(user or self.author).message_post(
            body="Hello",
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            partner_ids=partners.ids,
        )

    def receive(self, raw):
        """Let a mail arrive, as a mail server's pipe hands it over."""
        if "mail.catchall.router" not in self.env:
            self.env["mail.thread"].message_process(False, raw)
            return
        router = self.env["mail.catchall.router"].search([], limit=1)
        router._journal_from("pipe", [raw])
        self.env.cr.commit()
        self.env["mail.catchall.message"]._cron_route()

    def mailing(self, people, **values):
        """Make a mailing to these records."""
        model = self.env["ir.model"]._get_id(people._name)
        return self.env["mailing.mailing"].create(
            {
                "name": "News",
                "subject": "News",
                "body_html": "<p>Hello</p>",
                "mailing_model_id": model,
                "mailing_domain": [("id", "in", people.ids)],
                "reply_to_mode": "update",
                "email_from": f'"User A" <{AUTHOR}>',
                **values,
            }
        )

    def queue(self):
        """Let the queue run, as its scheduled action does."""
        self.env.cr.commit()
        self.env["mail.mail"].process_email_queue()
        self.env.cr.commit()

    def later(self):
        """Let the time of all that waits come, and the queue run."""
        past = fields.Datetime.now() - timedelta(minutes=1)
        waiting = self.env["mail.mail"].search([("state", "=", "outgoing")])
        waiting.write({"scheduled_date": past})
        self.queue()

    def send(self, **values):
        """Send a letter with the queue; return its mail."""
        mail = self.mail(**values)
        self.queue()
        return mail

    # ------------------------------------------------------------
    # WHAT THE SERVER GOT
    # ------------------------------------------------------------

    @property
    def got(self):
        """Return the customers whom the server took mail for, each for each copy."""
        people = [one for letter in self.smtp.letters for one in letter.recipients]
        return sorted(one for one in people if not one.endswith("@tenmien.test"))

    @property
    def headers(self):
        """The last letter, read with nothing but its own lines."""
        return email.message_from_bytes(self.smtp.letters[-1].content)

    def named(self, header):
        """Return [(name, address)] in a header of the last letter."""
        value = " ".join(self.headers[header].split())
        return [
            (str(make_header(decode_header(name))), spec)
            for name, spec in getaddresses([value])
        ]

    def reached(self, mail, *wanted):
        """Return the result of a case in which these are to be reached."""
        return self.got == sorted(wanted), self.said(mail)

    def said(self, mail):
        """Return in words who got it and what the mail says of itself."""
        who = f"reached {len(self.got)}" if self.got else "reached nobody"
        state = mail.state if mail.exists() else "deleted"
        return f"{who}, {state}"

    def status_of(self, message, partners):
        """Return what the notifications of a message to these say."""
        found = message.notification_ids.filtered(
            lambda one: one.res_partner_id in partners
        )
        return ", ".join(found.mapped("notification_status"))


# ----------------------------------------------------------------------
# GOOD FORM
# ----------------------------------------------------------------------


def names(header, given):
    """Return a case in which people have names that are no lists of mailboxes (RFC 5322
    3.2.4, RFC 2047 5).

    :param header: From or To
    """

    def case(scene):
        right, most = 0, 1
        for name in given:
            if header == "From":
                scene.send(email_from=f'"{name}" <{AUTHOR}>')
                wanted = AUTHOR
            else:
                partner = scene.partner(name, LAN)
                scene.send(email_to=False, recipient_ids=partner.ids)
                wanted = LAN
            named = scene.named(header)
            right += named == [(name, wanted)]
            most = max(most, len(named))
        words = f"{right} of {len(given)} right"
        return right == len(given), words + (f", up to {most} mailboxes" * (most > 1))

    return case


def spaces_in_subjects(scene):
    """RFC 2047 6.2: the space between two encoded words is lost."""
    right = 0
    for subject in SUBJECTS:
        scene.send(subject=subject)
        value = scene.headers["Subject"].replace("\r\n", "").replace("\n", "")
        right += str(make_header(decode_header(value))) == subject
    return right == len(SUBJECTS), f"{right} of {len(SUBJECTS)} right"


def letters_in_a_domain(scene):
    """RFC 5891 4.4."""
    mail = scene.send(email_to="lan@bücher.test")
    return scene.reached(mail, "lan@xn--bcher-kva.test")


def letters_in_a_domain_in_cc(scene):
    """The same in Cc."""
    mail = scene.send(email_cc="binh@bücher.test")
    return scene.reached(mail, LAN, "binh@xn--bcher-kva.test")


def letters_before_the_at(scene):
    """RFC 6531 3.2: who cannot be reached is said, the others are reached."""
    mail = scene.send(email_cc="müller@khachhang.test")
    done = scene.got == [LAN] and mail.state == "exception"
    return done, scene.said(mail)


def domain_of_the_message_id(scene):
    """RFC 5322 3.6.4; filters look at it."""
    scene.send()
    domain = scene.headers["Message-ID"].strip("<> ").rpartition("@")[2]
    return domain == "tenmien.test", f"@{domain}"


def a_picture_in_the_text(scene):
    """Gmail and Outlook show no data: picture."""
    scene.send(body_html=f'<p>Hello</p><img src="{GIF}"/>')
    parts = [one.get_content_type() for one in scene.headers.walk()]
    return "image/gif" in parts, "a part" if "image/gif" in parts else "data: in HTML"


# ----------------------------------------------------------------------
# WHAT SERVERS SAY
# ----------------------------------------------------------------------


def refused_and_to_be_deleted(scene):
    """Nothing that was refused vanishes."""
    scene.smtp.refuse("RCPT TO:<lan@", f"550 5.1.1 <{LAN}>: User unknown")
    robot = scene.env.ref("base.partner_root")
    mail = scene.send(
        author_id=robot.id,
        auto_delete=True,
        model="crm.lead",
        res_id=scene.document.id,
    )
    failed = scene.document.message_ids.notification_ids.filtered(
        lambda one: one.notification_status == "exception"
    )
    shown = "shown on the document" if failed else "shown nowhere"
    return bool(mail.exists() and failed), f"{scene.said(mail)}, {shown}"


def account_fault(place, answer):
    """Return a case in which the server lets the account send nothing for a while."""

    def case(scene):
        scene.smtp.refuse(place, answer)
        mails = scene.mail() + scene.mail(email_to=BINH)
        scene.queue()
        states = ", ".join(sorted(set(mails.mapped("state"))))
        scene.smtp.rules.clear()
        scene.later()
        done = scene.got == sorted([LAN, BINH])
        after = "left by themselves" if done else f"reached {len(scene.got)} of 2"
        return done, f"{states}; after the repair {after}"

    return case


def unknown_refusal(scene):
    """Words that nobody knows, for every mail."""
    scene.smtp.refuse("RCPT", "550 5.9.9 Computer says no")
    people = [f"p{number}@khachhang{number}.test" for number in range(8)]
    for one in people:
        scene.mail(email_to=one)
    scene.queue()
    scene.smtp.rules.clear()
    scene.later()
    return len(scene.got) == 8, f"after the repair reached {len(scene.got)} of 8"


def too_many(place, answer):
    """Return a case in which the server takes ten recipients of a mail."""

    def case(scene):
        people = [f"p{number:02}@khachhang.test" for number in range(12)]
        scene.smtp.most_recipients = (10, place, answer)
        mail = scene.send(email_to=", ".join(people))
        return scene.got == people, f"{scene.said(mail)} of 12"

    return case


def greeting_refused(scene):
    """The server's own words."""
    answer = "421 4.7.0 Try again with your real name"
    scene.smtp.refuse("EHLO", answer)
    scene.smtp.refuse("HELO", answer)
    mail = scene.send()
    words = mail.failure_reason or ""
    if "catchall_waiting" in mail._fields:
        words = mail.catchall_waiting or words
    return "real name" in words, f"“{' '.join(words.split())[:60]}”"


def one_batch(scene):
    """More mails than the queue takes at a time."""
    scene.env["ir.config_parameter"].set_param("mail.mail.queue.batch.size", 2)
    mails = scene.env["mail.mail"].union(*(scene.mail() for _number in range(5)))
    cron = scene.env.ref(QUEUE)
    scene.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]).unlink()
    scene.env.cr.commit()
    cron.method_direct_trigger()
    scene.env["ir.config_parameter"].set_param("mail.mail.queue.batch.size", 1000)
    scene.env.cr.commit()
    mails.invalidate_recordset()
    sent = mails.mapped("state").count("sent")
    goes_on = scene.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
    after = "goes on at once" if goes_on else "the rest in an hour"
    return sent == 5 or bool(goes_on), f"{sent} of 5 sent; {after}"


def two_contacts(scene):
    """Two contacts with one address."""
    partners = scene.partner("Lan", LAN) + scene.partner("Lan (office)", LAN)
    message = scene.post(partners)
    scene.queue()
    status = scene.status_of(message, partners)
    done = status == "sent, sent" and scene.got == [LAN]
    return done, f"{len(scene.got)} copies, {status}"


# ----------------------------------------------------------------------
# WHOSE NAME, WHOSE MAILBOX, WHOSE PASSWORD
# ----------------------------------------------------------------------


def never_odoobot(scene):
    """A program writes to a customer."""
    scene.post(scene.partner("Lan", LAN), user=scene.env.ref("base.user_root"))
    scene.queue()
    letter = next(one for one in scene.smtp.letters if LAN in one.recipients)
    scene.smtp.letters = [letter]
    [(_name, address)] = scene.named("From")
    return "odoobot" not in address and address != "", f"From: {address}"


def secret_password(scene):
    """A password with accents works, or is at least in no error."""
    scene.server.smtp_pass = PASSWORD
    mail, shown = scene.mail(), ""
    scene.env.cr.commit()
    try:
        mail.send(raise_exception=True)
    except (MailDeliveryException, UserError, UnicodeError) as error:
        shown = f"{error} {error.args}"
    what = "the error shows it" if PASSWORD in shown else "the error keeps it"
    return bool(scene.got), "sent" if scene.got else f"not sent, {what}"


def reply_to_a_form(scene):
    """A customer who wrote by a form that takes no replies."""
    raw = (
        f"From: Hoa <{FORM}>\r\nReply-To: {HOA}\r\nTo: sales@tenmien.test\r\n"
        f"Subject: A question\r\nMessage-ID: <question@forms.test>\r\n\r\nHello\r\n"
    ).encode()
    scene.receive(raw)
    lead = scene.env["crm.lead"].search([("name", "=", "A question")], limit=1)
    form = scene.env["res.partner"].search([("email_normalized", "in", (FORM, HOA))])
    form = form or scene.partner("Hoa", lead.email_from)
    message = scene.post(form[:1], lead)
    scene.queue()
    status = scene.status_of(message, form)
    return scene.got == [HOA], f"to {', '.join(scene.got)}, {status}"


def own_address(scene):
    """A contact with an address that leads back into Odoo."""
    sales = scene.partner("Sales", "sales@tenmien.test")
    message = scene.post(sales)
    scene.queue()
    status = scene.status_of(message, sales)
    return status == "exception", f"shown as {status}"


# ----------------------------------------------------------------------
# MAILINGS
# ----------------------------------------------------------------------


def answer_to_a_mailings_test(scene):
    """A test borrows a document for its words: its answer is no answer to that."""
    lead = scene.env["crm.lead"].search([], limit=1)
    lead.message_subscribe(scene.partner("Lan", LAN).ids)
    mailing = scene.mailing(lead)
    admin = scene.env.ref("base.user_admin")
    wizard = scene.env["mailing.mailing.test"].with_user(admin)
    test = {"mass_mailing_id": mailing.id, "email_to": TESTER}
    wizard.create(test).send_mail_test()
    scene.queue()
    headers = scene.headers
    scene.smtp.letters.clear()
    scene.receive(
        (
            f"From: {TESTER}\r\nTo: {' '.join(headers['Reply-To'].split())}\r\n"
            f"Subject: Re: News\r\nMessage-ID: <answer@elsewhere.test>\r\n"
            f"In-Reply-To: {headers['Message-ID']}\r\n\r\nLooks fine to me.\r\n"
        ).encode()
    )
    scene.queue()
    lead.invalidate_recordset()
    posted = any("Looks fine" in (one.body or "") for one in lead.message_ids)
    mailed = LAN in scene.got
    words = "on a customer's lead" if posted else "on no document"
    words += ", mailed to the customer" if mailed else ""
    return not posted and not mailed, words


def statistics_of_a_mailing(scene):
    """One of its two recipients is refused."""
    people = scene.partner("Lan", LAN) + scene.partner("Binh", BINH)
    mailing = scene.mailing(people)
    scene.smtp.refuse("RCPT TO:<lan@", f"550 5.1.1 <{LAN}>: User unknown")
    mailing._action_send_mail()
    scene.queue()
    counts = (mailing.sent, mailing.delivered, mailing.failed)
    return counts == (1, 1, 1), "{} sent, {} delivered, {} failed".format(*counts)


def a_way_to_unsubscribe(scene):
    """RFC 2369 2: an address, which no program decodes."""
    mailing = scene.mailing(scene.partner("Lan", LAN))
    mailing._action_send_mail()
    scene.queue()
    value = scene.headers["List-Unsubscribe"]
    is_address = value.startswith("<http")
    return is_address, "an address" if is_address else f"{value[:24]}..."


MAILING_CASES = (
    ("the answer to a mailing's test", answer_to_a_mailings_test),
    ("a mailing to two, one is refused", statistics_of_a_mailing),
    ("List-Unsubscribe of a mailing", a_way_to_unsubscribe),
)
NOT_OURS = "535 5.7.8 Authentication credentials invalid"
CASES = (
    ("From: names with commas and accents", names("From", COMPANIES)),
    ("To: names with commas and accents", names("To", COMPANIES)),
    ("From: names with another's address in them", names("From", OTHERS)),
    ("To: names with another's address in them", names("To", OTHERS)),
    ("spaces in subjects with accents", spaces_in_subjects),
    ("to bücher.test", letters_in_a_domain),
    ("Cc to bücher.test", letters_in_a_domain_in_cc),
    ("Cc to müller@, server without SMTPUTF8", letters_before_the_at),
    ("domain of the Message-ID", domain_of_the_message_id),
    ("a picture pasted into the text", a_picture_in_the_text),
    ("`550 5.1.1` to what is deleted once sent", refused_and_to_be_deleted),
    ("`535` at MAIL", account_fault("MAIL", NOT_OURS)),
    (
        "`554 5.7.1 Relay access denied`",
        account_fault("RCPT", "554 5.7.1 Relay access denied"),
    ),
    (
        "`554 Sending paused`",
        account_fault("DATA.", "554 Message rejected: Sending paused for this account"),
    ),
    ("an unknown `550` to every mail", unknown_refusal),
    ("`452 4.5.3` at the 11th recipient", too_many("RCPT", "452 4.5.3 Too many")),
    ("`550 5.5.3` at the end of the mail", too_many("DATA.", "550 5.5.3 Too many")),
    ("`421` to the greeting", greeting_refused),
    ("5 mails, 2 in a batch", one_batch),
    ("two contacts with one address", two_contacts),
    ("what OdooBot writes to a customer", never_odoobot),
    ("a password with accents", secret_password),
    ("a reply to who wrote by a no-reply form", reply_to_a_form),
    ("to an address of our own that is an alias", own_address),
)
