from contextlib import contextmanager
from unittest.mock import patch

from odoo import fields
from odoo.tools import SQL

from odoo.addons.mail.tests.common import MailCommon

# What OCA's mail_environment reads from a file, so that it has no column any more.
FROM_A_FILE = {
    "fetchmail.server": ("server", "port", "user", "password", "attach", "original"),
    "ir.mail_server": ("smtp_port", "smtp_pass", "smtp_authentication"),
}


@contextmanager
def from_a_file():
    """Refuse a search for what has no column, as core does."""
    condition = fields.Field.condition_to_sql

    def refuse(field, *arguments):
        if field.name in FROM_A_FILE.get(field.model_name, ()):
            raise ValueError(f"Cannot convert {field} to SQL: it is not stored")
        return condition(field, *arguments)

    with patch.object(fields.Field, "condition_to_sql", refuse):
        yield


class RouterCommon(MailCommon):
    """A router for the company's alias domain, with aliases that make partners.

    The addon depends on ``mail`` alone: ``res.partner`` is the document type that
    is always there.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.domain = cls.mail_alias_domain.name
        cls.account = f"box@{cls.domain}"
        cls.server = cls.env["fetchmail.server"].create(
            {
                "name": "Catch-all",
                "server": "imap.example.com",
                "port": 993,
                "is_ssl": True,
                "user": cls.account,
                "password": "secret",
                "state": "done",
            }
        )
        cls.smtp_server = cls.env["ir.mail_server"].create(
            {
                "name": "Catch-all account",
                "smtp_host": "smtp.example.com",
                "smtp_user": cls.account,
                "smtp_pass": "secret",
                "smtp_encryption": "none",
                "smtp_authentication": "login",
            }
        )
        cls.router = cls.env["mail.catchall.router"].create(
            {
                "name": "Test router",
                "alias_domain_ids": cls.mail_alias_domain.ids,
                "fetchmail_server_id": cls.server.id,
                "mail_server_id": cls.smtp_server.id,
            }
        )
        cls.Message = cls.env["mail.catchall.message"]
        # Nobody outside is asked who has sent a test's mail.
        cls.startClassPatcher(
            patch.object(type(cls.Message), "_name_servers", return_value=())
        )
        cls._free_names()
        cls.sales = cls._create_alias("sales")
        cls.jobs = cls._create_alias("jobs")

    @classmethod
    def _free_names(cls):
        """Leave all names of the domain to the tests: installed apps have aliases
        of their own there, such as `sales` of a journal."""
        cls.env["mail.alias"].search(
            [("alias_domain_id", "=", cls.mail_alias_domain.id)]
        ).alias_name = False

    @classmethod
    def _create_alias(cls, name, model="res.partner", **values):
        return cls.env["mail.alias"].create(
            {
                "alias_name": name,
                "alias_domain_id": cls.mail_alias_domain.id,
                "alias_model_id": cls.env["ir.model"]._get_id(model),
                **values,
            }
        )

    def multiply(self, record, count, **columns):
        """Write a record's row many times more, whatever columns the installed apps
        want in it.

        :param columns: {column: SQL of its value, in which ``n`` counts from 1}
        """
        table = SQL.identifier(record._table)
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                "SELECT column_name FROM information_schema.columns"
                " WHERE table_schema = current_schema AND table_name = %s"
                " AND column_name NOT IN %s",
                record._table,
                ("id", *columns),
            )
        )
        copied = list(map(SQL.identifier, [name for (name,) in rows]))
        chosen = list(map(SQL.identifier, columns))
        # What the test itself has written.
        values = list(map(SQL, columns.values()))
        self.env.execute_query(
            SQL(
                "INSERT INTO %s (%s) SELECT %s FROM %s, generate_series(1, %s) AS n"
                " WHERE id = %s RETURNING id",
                table,
                SQL(", ").join(copied + chosen),
                SQL(", ").join(copied + values),
                table,
                count,
                record.id,
            )
        )

    # ------------------------------------------------------------
    # MAIL
    # ------------------------------------------------------------

    @classmethod
    def at_domain(cls, local_part):
        return f"{local_part}@{cls.domain}"

    @classmethod
    def mail(
        cls,
        original=None,
        to="",
        subject="A question",
        email_from='"Lan Nguyen" <lan@customer.example>',
        message_id="<first@customer.example>",
        body="Hello\r\n",
        extra="",
    ):
        """Return the raw bytes of a mail as Postfix' virtual(8) leaves it.

        ``original`` is the recipient of the envelope; None leaves the trace headers
        out, as providers do that don't tell it.
        """
        trace = ""
        if original:
            trace = (
                f"Return-Path: <lan@customer.example>\r\n"
                f"X-Original-To: {original}\r\n"
                f"Delivered-To: {cls.account}\r\n"
            )
        return (
            f"{trace}"
            f"Received: from mail.customer.example (mail.customer.example "
            f"[192.0.2.7])\r\n\tby mx.{cls.domain} (Postfix) with ESMTP id 4ABC; "
            f"Mon, 23 Nov 2026 08:00:00 +0000 (UTC)\r\n"
            f"From: {email_from}\r\n"
            f"To: {to or original or cls.account}\r\n"
            f"Subject: {subject}\r\n"
            f"Message-ID: {message_id}\r\n"
            f"Date: Mon, 23 Nov 2026 08:00:00 +0000\r\n"
            f"{extra}"
            f"MIME-Version: 1.0\r\n"
            f"Content-Type: text/plain; charset=utf-8\r\n"
            f"\r\n"
            f"{body}"
        ).encode()

    def attempt(self, number, local_part=None, address="192.0.2.7", **values):
        """Return a mail of an attacker who tries out names."""
        values.setdefault("email_from", "robot@attacker.example")
        return self.mail(
            self.at_domain(local_part or f"qwx{number}zzkj"),
            subject=f"Probe {number}",
            message_id=f"<{number}@attacker.example>",
            **values,
        ).replace(b"192.0.2.7", address.encode())

    def journal(self, *raws):
        return self.Message._journal(self.router, [{"raw": raw} for raw in raws])

    def route(self, *raws):
        """Journal and route mails in this transaction; return their messages."""
        messages = self.journal(*raws)
        for message in messages:
            message._route()
        return messages

    # ------------------------------------------------------------
    # ASSERTIONS
    # ------------------------------------------------------------

    def assertEnd(self, message, state, reason_code=False):
        self.assertEqual(
            (message.state, message.reason_code),
            (state, reason_code),
            message.trace,
        )
        self.assertTrue(message.why)
        for step in message.trace or []:
            self.assertTrue(message._sentence(step), step)
        if reason_code:
            self.assertTrue(message.reason)

    def assertDelivered(self, message, recipient, model="res.partner"):
        """Return the document that the recipient's delivery reached."""
        delivery = message.delivery_ids.filtered(
            lambda delivery: delivery.recipient == recipient
        )
        self.assertEqual(delivery.state, "delivered", message.trace)
        self.assertEqual(delivery.model, model)
        record = self.env[model].browse(delivery.res_id).exists()
        self.assertTrue(record)
        return record


class CommittingCommon(RouterCommon):
    """For what commits by itself: a test's own cursor must not."""

    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())
        # A cursor that may commit; all of a test happens on it.
        self.env = self.env(cr=self.enterContext(self.registry.cursor()))
        self.Message = self.Message.with_env(self.env)
        self.router = self.router.with_env(self.env)
