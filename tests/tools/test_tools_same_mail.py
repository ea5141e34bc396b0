from email.message import EmailMessage

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_catchall_router.tools.outbound.same_mail import content_of


def mail(text="Kính gửi", number=1, attachment=b"PDF", **headers):
    """Return a mail as Odoo makes it."""
    message = EmailMessage()
    message["Message-ID"] = f"<{number}@own.test>"
    message["From"] = "a@own.test"
    message["Subject"] = "Báo giá"
    for name, value in headers.items():
        message[name] = value
    message.set_content(text)
    message.add_alternative(f"<p>{text}</p>", subtype="html")
    message.add_attachment(attachment, "application", "pdf", filename="a.pdf")
    return message


@tagged("mail_catchall_router", "-at_install", "post_install")
class TestSameMail(BaseCase):
    """A mail that is made anew is known again, any other is another."""

    def test_a_mail_that_is_made_anew(self):
        self.assertEqual(content_of(mail()), content_of(mail(number=2)))

    def test_the_picture_that_counts_who_opens_it(self):
        """Each making has its own: of a mailing, and of OCA's mail_tracking."""
        place = "https://own.test/mail"
        sources = (
            f'<img src="{place}/track/{{}}/{{}}/blank.gif" alt=""/>',
            f'<img src="{place}/tracking/open/db/{{}}/{{}}/blank.gif" id="{{}}"/>',
        )
        for source in sources:
            texts = [f"Kính gửi <b>{source.format(i, i, i)}</b>" for i in (1, 2)]
            self.assertEqual(*map(content_of, map(mail, texts)))
            other = mail(texts[0].replace("gửi", "chào"))
            self.assertNotEqual(content_of(mail(texts[0])), content_of(other))

    def test_every_other_mail(self):
        others = (
            mail("Kính chào"),
            mail(attachment=b"another PDF"),
            mail(To="b@customer.test"),
            mail(**{"Reply-To": "c@own.test"}),
        )
        self.assertEqual(len({content_of(one) for one in (mail(), *others)}), 5)
