import json
from unittest.mock import patch

from odoo import sql_db
from odoo.tests import tagged

from .common import RouterCommon

ROWS = 20_000
# What becomes large in a database that is used for years.
LARGE = {
    "res_partner",
    "mail_message",
    "mail_alias",
    "mail_catchall_message",
    "mail_catchall_delivery",
    "crm_lead",
}
READING = ("SELECT", "WITH", "UPDATE")
# The indexes of a table that are the beginning of another one, with the same rows.
NEEDLESS = """
    SELECT one.indexrelid::regclass::text
      FROM pg_index one
      JOIN pg_index other ON other.indrelid = one.indrelid
                         AND other.indexrelid != one.indexrelid
     WHERE one.indrelid = %s::regclass
       AND NOT one.indisunique
       AND one.indexprs IS NULL AND other.indexprs IS NULL
       AND pg_get_expr(one.indpred, one.indrelid)
           IS NOT DISTINCT FROM pg_get_expr(other.indpred, other.indrelid)
       AND other.indkey::text || ' ' LIKE one.indkey::text || ' %%'"""
# Odoo wants one of its own for each field that a One2many reads the other way round.
WANTED_BY_ODOO = {"mail_catchall_message__attack_id_index"}


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestGrowth(RouterCommon):
    """The work per mail does not grow with the database."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        raw = cls.mail(cls.at_domain("sales"), message_id="<0@old.example>")
        message = cls.Message._journal(cls.router, [{"raw": raw}])
        message._route()
        delivery = message.delivery_ids
        partner = cls.env["res.partner"].create(
            {"name": "Old", "email": "old0@old.example"}
        )
        lead = cls.env["crm.lead"].create({"name": "Old", "partner_id": partner.id})
        post = lead.message_post(body="Old", message_type="email")
        alias = cls.env["mail.alias"].create(
            {
                "alias_name": "old0",
                "alias_model_id": cls.env["ir.model"]._get_id("crm.lead"),
                "alias_domain_id": cls.router.alias_domain_ids[0].id,
            }
        )
        cls.env.flush_all()
        email = "'old' || n || '@old.example'"
        cls.multiply(partner, email=email, email_normalized=email)
        cls.multiply(lead, email_from=email, email_normalized=email)
        cls.multiply(
            post,
            message_id="'<' || n || '@old.example>'",
            email_from=email,
            res_id=f"(SELECT max(id) FROM crm_lead) - {ROWS} + n",
        )
        cls.multiply(
            alias,
            alias_name="'old' || n",
            alias_full_name="'old' || n || '@' || n || '.example'",
            catchall_keys="'old' || n || ' ld' || n",
        )
        cls.multiply(
            message,
            message_id="'<' || n || '@old.example>'",
            conversation="'<' || n || '@old.example>'",
            fingerprint="md5(n::text)",
            sender=email,
            arrived="now() AT TIME ZONE 'UTC' - n * interval '1 hour'",
            network="'10.' || n % 250 || '.' || n / 250 || '.0/24'",
            # A backlog that waits for later: it is what a claim has to pass.
            state="CASE WHEN n % 2 = 0 THEN 'failed' ELSE 'delivered' END",
            next_attempt="now() AT TIME ZONE 'UTC' + interval '1 day'",
        )
        cls.multiply(
            delivery,
            fingerprint="md5(n::text)",
            message_id=f"(SELECT max(id) FROM mail_catchall_message) - {ROWS} + n",
        )
        # As a vacuum leaves it; a long list of new entries is dear to search.
        cls.env.cr.execute(
            "SELECT gin_clean_pending_list('mail_alias_catchall_keys_idx')"
        )
        cls.env.cr.execute("ANALYZE " + ", ".join(sorted(LARGE)))
        cls.env.invalidate_all()

    @classmethod
    def multiply(cls, record, **values):
        """Copy a record's row many times, with SQL of the number ``n`` as values."""
        table, cr = record._table, cls.env.cr
        cr.execute(
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_name = %s AND is_generated = 'NEVER' AND column_name <> 'id'",
            [table],
        )
        names = [name for (name,) in cr.fetchall()]
        chosen = ", ".join(values.get(name, f'source."{name}"') for name in names)
        quoted = ", ".join(f'"{name}"' for name in names)
        cr.execute(
            f"INSERT INTO {table} ({quoted}) SELECT {chosen} "
            f"FROM {table} source, generate_series(1, {ROWS}) n "
            f"WHERE source.id = {record.id}"
        )

    def statements(self, work):
        """Do some work and answer the statements by which it looks for rows."""
        found, execute = {}, sql_db.Cursor.execute

        def noted(cr, query, params=None, log_exceptions=True):
            code = getattr(query, "code", query)
            if code.lstrip().upper().startswith(READING):
                arguments = getattr(query, "params", params)
                text = cr.mogrify(code, arguments).decode()
                found.setdefault(code, text)
            return execute(cr, query, params, log_exceptions)

        with patch.object(sql_db.Cursor, "execute", noted):
            work()
            self.env.flush_all()
        return list(found.values())

    def scans(self, statement):
        """Return the large tables that the plan of a statement reads as a whole."""
        self.env.cr.execute("EXPLAIN (FORMAT JSON) " + statement.replace("%", "%%"))
        answer = self.env.cr.fetchone()[0]
        plans = json.loads(answer) if isinstance(answer, str) else answer
        found, nodes = set(), [plans[0]["Plan"]]
        while nodes:
            node = nodes.pop()
            nodes += node.get("Plans", [])
            if node["Node Type"] == "Seq Scan" and node["Relation Name"] in LARGE:
                found.add(node["Relation Name"])
        return found

    def assertNoScan(self, work):
        """Check that the work reads no large table from its beginning to its end."""
        statements = self.statements(work)
        self.assertTrue(statements)
        scanned = {
            statement: tables
            for statement in statements
            if (tables := self.scans(statement))
        }
        self.assertFalse(
            scanned, "\n\n".join(f"{t}: {s[:1500]}" for s, t in scanned.items())
        )

    def test_no_index_of_the_journal_is_the_beginning_of_another(self):
        for table in ("mail_catchall_message", "mail_catchall_delivery"):
            self.env.cr.execute(NEEDLESS, [table])
            needless = {name for [name] in self.env.cr.fetchall()}
            self.assertFalse(needless - WANTED_BY_ODOO, table)

    def test_a_scan_is_noticed(self):
        self.assertEqual(
            self.scans("SELECT id FROM res_partner WHERE name LIKE '%7%'"),
            {"res_partner"},
        )

    def test_routing_to_an_alias_reads_no_large_table(self):
        message = self.journal(self.mail(self.at_domain("sales")))
        self.assertNoScan(message._route)
        self.assertEnd(message, "delivered")

    def test_routing_an_answer_reads_no_large_table(self):
        message = self.journal(
            self.mail(
                self.at_domain("catchall"),
                extra="References: <7@old.example> <8@old.example>\r\n",
            )
        )
        self.assertNoScan(message._route)

    def test_routing_to_nobody_reads_no_large_table(self):
        message = self.journal(self.mail(self.at_domain("odl77")))
        self.assertNoScan(message._route)
        self.assertEnd(message, "held", "unknown_recipient")

    def test_claiming_behind_a_backlog_reads_no_large_table(self):
        self.journal(self.mail(self.at_domain("sales")))
        with patch.object(type(self.env["ir.cron"]), "_commit_progress"):
            self.assertNoScan(lambda: self.Message._claim(1, 50))

    def test_collecting_reads_no_large_table(self):
        mails = [
            {"raw": self.mail(self.at_domain("sales")), "uid": "7", "folder": "INBOX"}
        ]
        self.assertNoScan(lambda: self.Message._journal(self.router, mails))
