"""A database with the mail of two years in its journal, written by SQL.

For ten million rows the order of the work decides: rows come first and the indexes of
their table afterwards, no foreign key is looked at, and two tables are written at once.
Who was interrupted goes on with the table that is missing.
"""

import concurrent.futures

from sandbox.odoo import addon_digest
from sandbox.postgres import SUPERUSER
from sandbox.progress import step

LOGIN = "reader"

READER = """
group = env.ref("mail_catchall_router.group_mail_catchall_router_user")
env["res.users"].with_context(no_reset_password=True).create(
    {"name": "Reader", "login": "reader", "password": "reader",
     "group_ids": [(6, 0, group.ids)], "tz": "Asia/Ho_Chi_Minh"})
model = env["ir.model"]._get_id("res.partner")
env["mail.alias"].create(
    [{"alias_name": f"team{number}", "alias_model_id": model,
      "alias_domain_id": env.company.alias_domain_id.id} for number in range(200)])
env.cr.commit()
"""

CUSTOMERS = """
INSERT INTO res_partner (name, complete_name, active, type, create_date)
SELECT 'Customer ' || n, 'Customer ' || n, TRUE, 'contact', now() AT TIME ZONE 'UTC'
  FROM generate_series(1, 20000) n
"""

# What each mail is, by its number, which is its id as well: all tables agree on it
# without looking at one another.
MAILS = """
       (SELECT n, moment, state,
               moment + interval '30 seconds' AS made,
               n %% 41 = 0 AND n %% 5 != 0 AND moment < %(now)s::timestamp
               - interval '1 day' AS decided,
               CASE state
                    WHEN 'delivered' THEN NULL
                    WHEN 'failed' THEN 'error'
                    WHEN 'dead' THEN 'error'
                    WHEN 'held' THEN (ARRAY['spam', 'unknown_recipient',
                         'forged_sender', 'alias_contact', 'loop_guard'])
                         [1 + n / 10 %% 5]
                    ELSE (ARRAY['bounce', 'blocked', 'duplicate', 'auto_reply',
                         'unknown_discarded', 'discarded', 'blocked'])[1 + n %% 7]
               END AS reason
          FROM (SELECT n,
                       %(now)s::timestamp
                       - (%(rows)s - n) * (interval '730 days' / %(rows)s) AS moment,
                       CASE WHEN n %% 5000 = 0 THEN 'dead'
                            WHEN n %% 20011 = 0 THEN 'failed'
                            -- A person decides on most of it within some weeks.
                            WHEN n %% 500 = 0 OR (n %% 40 = 0 AND n > %(rows)s * 0.95)
                                 THEN 'held'
                            WHEN n %% 5 = 0 THEN 'ignored'
                            ELSE 'delivered' END AS state
                  FROM generate_series(1, %(rows)s) n) days) mail
"""

MESSAGES = f"""
INSERT INTO mail_catchall_message
       (id, router_id, company_id, fetchmail_server_id, folder, uidvalidity, uid,
        entrance, message_id, fingerprint, conversation, email_from, sender, subject,
        date, size, raw, raw_kept, complete, has_files, state, reason_code, trace,
        routed_date, create_date, write_date, arrived, delay, unknown_address, network,
        decided_date, decided_user_id, attempt_count, crash_count, create_uid,
        write_uid)
SELECT n, router.id, router.company_id, router.fetchmail_server_id, 'INBOX', '1',
       n::text, 'mailbox', '<' || n || '@customer.example>', md5(n::text),
       md5((n / 3)::text),
       '"Customer ' || n %% 40000 || '" <c' || n %% 40000 || '@customer.example>',
       'c' || n %% 40000 || '@customer.example',
       'Question ' || n || ' about order ' || md5(n::text), moment, 20000,
       CASE WHEN state IN ('held', 'failed', 'dead') THEN '\\x00'::bytea || convert_to(
            E'From: c@customer.example\\r\\nSubject: Hello\\r\\n\\r\\n'
            || repeat(md5(n::text), 40), 'UTF8') END,
       state IN ('held', 'failed', 'dead'), TRUE, n %% 9 = 0, state, reason,
       jsonb_build_array(
            jsonb_build_object('step', 'recipient', 'code', 'original', 'header',
                'X-Original-To', 'address', 'team' || n %% 200 || '@tenmien.test',
                'value', 'team' || n %% 200 || '@tenmien.test'),
            jsonb_build_object('step', 'authentication', 'code', 'pass', 'value',
                'mx.tenmien.test; dmarc=pass header.from=customer.example; spf=pass'),
            CASE WHEN reason IS NULL
                 THEN jsonb_build_object('step', 'match', 'code', 'alias', 'address',
                     'team' || n %% 200 || '@tenmien.test', 'alias', '', 'rule', '')
                 ELSE jsonb_build_object('step', 'hold', 'code', reason, 'address',
                     'team' || n %% 200 || '@tenmien.test', 'header', 'X-Spam-Flag',
                     'value', 'YES', 'count', 3, 'hours', 1, 'seconds', 60) END),
       moment + interval '40 seconds', made, moment + interval '40 seconds', moment,
       CASE WHEN state = 'delivered' THEN 20 + n %% 60 END,
       reason = 'unknown_recipient', '10.' || n %% 250 || '.7.0/24',
       CASE WHEN decided THEN made + interval '3 hours' END,
       CASE WHEN decided THEN %(reader)s END, 0, 0, 1, 1
  FROM {MAILS}, mail_catchall_router router
"""

DELIVERIES = f"""
INSERT INTO mail_catchall_delivery
       (message_id, router_id, company_id, fingerprint, recipient, must_settle, header,
        matched_by, unknown, alias_id, model, res_id, state, reason_code, create_date,
        write_date, create_uid, write_uid)
SELECT n, router.id, router.company_id, md5(n::text),
       CASE WHEN is_unknown
            -- Few unknown addresses are tried often, most of them once.
            THEN 'ghost' || (floor(power(random(), 4) * 5000))::integer
            ELSE 'team' || (n + copy) %% 200 END || '-' || copy
       || '@tenmien.test',
       TRUE, 'X-Original-To', CASE WHEN is_unknown THEN NULL ELSE 'alias' END,
       is_unknown,
       CASE WHEN is_unknown THEN NULL
            ELSE %(first_alias)s + floor(power(random(), 2) * 200)::integer END,
       CASE WHEN state = 'delivered' THEN 'res.partner' END,
       CASE WHEN state = 'delivered' THEN %(first_partner)s + n %% 20000 END,
       CASE WHEN state IN ('delivered', 'ignored', 'failed') THEN state
            WHEN state = 'dead' THEN 'failed' ELSE 'held' END,
       reason, made, made + interval '10 seconds', 1, 1
  FROM {MAILS}
  JOIN generate_series(0, 1) copy ON copy = 0 OR n %% 5 = 0,
       LATERAL (SELECT COALESCE(reason IN ('unknown_recipient', 'unknown_discarded'),
                                FALSE) AS is_unknown) known,
       mail_catchall_router router
"""

# As the scheduled action writes them down.
WORDS = """
INSERT INTO mail_catchall_words (message_id, snippet, text)
SELECT n, said,
       ' question ' || n || ' about order ' || md5(n::text) || ' "customer '
       || n %% 40000 || '" <c' || n %% 40000 || '@customer.example> team' || n %% 200
       || '-0@tenmien.test ' || lower(said)
  FROM generate_series(1, %(rows)s) n,
       LATERAL (SELECT 'Hello, could you send us ' || n %% 97 || ' '
                       || (ARRAY['lamps', 'chairs', 'tables', 'invoices', 'samples',
                                 'catalogues', 'doors'])[1 + n %% 7]
                       || ' of the series ' || substr(md5('s' || n), 1, 8)
                       || ' before the end of the month? Kind regards' AS said) text
"""

# What was decided was held before, for spam mostly.
DECISIONS = f"""
INSERT INTO mail_catchall_decision
       (message_id, company_id, code, date, user_id, user_name, state_before,
        reason_before, create_date, write_date, create_uid, write_uid)
SELECT n, router.company_id,
       (ARRAY['discard', 'spam', 'release', 'spam', 'choose'])[1 + n / 7 %% 5],
       made + interval '3 hours', %(reader)s, 'Reader', 'held',
       (ARRAY['spam', 'suspicious', 'unknown_recipient'])[1 + n / 11 %% 3],
       made + interval '3 hours', made + interval '3 hours', 1, 1
  FROM {MAILS}, mail_catchall_router router
 WHERE decided
"""

# Fifteen of sixteen mails of the last month are answered within three hours.
ANSWERS = """
INSERT INTO mail_message
       (model, res_id, message_type, subtype_id, author_id, date, create_date,
        message_id, body, email_from, is_internal)
SELECT delivery.model, delivery.res_id, kind, %(subtype)s,
       CASE WHEN kind = 'comment' THEN %(author)s END, moment, moment,
       '<' || kind || delivery.id || '@tenmien.test>', '<p>Hello</p>',
       'somebody@tenmien.test', FALSE
  FROM mail_catchall_delivery delivery
  JOIN (VALUES ('email', interval '0'), ('comment', interval '3 hours'))
       written (kind, after) ON kind = 'email' OR delivery.fingerprint !~ '^0',
       LATERAL (SELECT delivery.create_date + after AS moment) at
 WHERE delivery.state = 'delivered'
   AND delivery.create_date > %(now)s::timestamp - interval '30 days'
   AND moment < %(now)s::timestamp
"""

# A reader opens one mail of ten.
READ = """
INSERT INTO mail_catchall_read (message_id, user_id)
SELECT mail.id, %(reader)s
  FROM mail_catchall_message mail
 WHERE mail.id %% 10 = 0
   AND mail.create_date > %(now)s::timestamp - interval '30 days'
"""

SENT = """
INSERT INTO mail_catchall_sent (router_id, date, count)
SELECT router.id,
       date_trunc('hour', %(now)s::timestamp) - n * interval '1 hour', 20 + n %% 40
  FROM mail_catchall_router router, generate_series(0, 17519) n
"""

ATTACK = """
WITH attack AS (
    INSERT INTO mail_catchall_attack (router_id, company_id, sender, state)
    SELECT id, company_id, 'c0@customer.example', 'open' FROM mail_catchall_router
    RETURNING id)
UPDATE mail_catchall_message
   SET attack_id = attack.id
  FROM attack
 WHERE state = 'held' AND mail_catchall_message.id %% 1000 = 0
"""

NUMBERS = {
    "now": "SELECT quote_literal(now) FROM bench_years",
    "first_alias": "SELECT max(id) - 199 FROM mail_alias",
    "first_partner": "SELECT max(id) - 19999 FROM res_partner",
    "reader": f"SELECT id FROM res_users WHERE login = '{LOGIN}'",
    "author": f"SELECT partner_id FROM res_users WHERE login = '{LOGIN}'",
    "subtype": "SELECT res_id FROM ir_model_data"
    " WHERE module = 'mail' AND name = 'mt_comment'",
}

# Without a look at each foreign key, and in memory where that is quicker.
QUICKLY = """
SET session_replication_role = replica;
SET maintenance_work_mem = '1GB';
SET work_mem = '128MB';
"""
# Those that no constraint stands on; in their comment Odoo remembers what it has made.
INDEXES = """
SELECT indexrelid::regclass || chr(9) || pg_get_indexdef(indexrelid)
       || COALESCE('; COMMENT ON INDEX ' || indexrelid::regclass || ' IS '
                   || quote_literal(obj_description(indexrelid, 'pg_class')), '')
  FROM pg_index
 WHERE indrelid = '%s'::regclass
   AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""
COUNT_ON = "SELECT setval('%(table)s_id_seq', (SELECT max(id) FROM %(table)s))"

# Routing writes a message and a delivery once more after they arrived: their end. What
# stood there before is outdated, in the table and in its indexes.
ENDS = {
    "mail_catchall_message": {"state": "received", "reason_code": None, "delay": None},
    "mail_catchall_delivery": {"state": "pending", "reason_code": None},
}
ARRIVED = """
CREATE TABLE IF NOT EXISTS bench_{table} AS
SELECT id, {names} FROM {table}
 WHERE create_date > now() AT TIME ZONE 'UTC' - interval '7 days';
UPDATE {table} SET {begun} WHERE id IN (SELECT id FROM bench_{table})
"""
ROUTED = """
UPDATE {table} SET {ends} FROM bench_{table} ended WHERE ended.id = {table}.id;
DROP TABLE bench_{table}
"""

# As the watch counts it every twenty minutes.
WATCHED = """
UPDATE mail_catchall_router router
   SET month_count = (
        SELECT count(*)
          FROM mail_catchall_message
         WHERE router_id = router.id
           AND create_date >= now() AT TIME ZONE 'UTC' - interval '30 days')
"""

TABLES = (
    "mail_catchall_message",
    "mail_catchall_delivery",
    "mail_catchall_decision",
    "mail_catchall_sent",
    "mail_catchall_words",
    "mail_catchall_read",
    "mail_message",
    "res_partner",
)


def name_of(rows):
    """Return the name of the database with so many messages."""
    return f"bench_screens_{rows}"


class Years:
    """The database with so many messages, on one instance."""

    def __init__(self, odoo, rows):
        self.odoo = odoo
        self.rows = rows
        self.name = name_of(rows)
        self.values = {"rows": rows}

    def query(self, sql, **options):
        """Run a statement with the values of this database in it."""
        return self.odoo.cluster.query(sql % self.values, self.name, **options)

    def is_begun(self):
        """Tell whether an earlier run has left the database, filled or not."""
        cluster = self.odoo.cluster
        if not cluster.exists(self.name):
            return False
        known = "SELECT to_regclass('bench_years')"
        return cluster.query(known, self.name) == ["bench_years"]

    def is_filled(self):
        """Tell whether the database of an earlier run serves."""
        return self.is_begun() and self.query("SELECT is_filled FROM bench_years") == [
            "t"
        ]

    def fill(self):
        """Make the database; it takes some minutes for a million rows."""
        if not self.is_begun():
            self._begin()
        for name, sql in NUMBERS.items():
            self.values[name] = self.query(sql)[0]
        with step(f"Writing {self.rows} messages, their deliveries and words"):
            self._write_at_once(
                ("mail_catchall_words", WORDS),
                ("mail_catchall_message", MESSAGES),
                ("mail_catchall_delivery", DELIVERIES),
                ("mail_catchall_decision", DECISIONS),
            )
        with step("Writing what was answered, read and sent"):
            self.query("ANALYZE mail_catchall_message; ANALYZE mail_catchall_delivery")
            self._write_at_once(
                ("mail_message", ANSWERS),
                ("mail_catchall_read", READ),
                ("mail_catchall_sent", SENT),
            )
            self.query(ATTACK)
        with step("Writing the last week as it arrived"):
            self._write_week(ARRIVED)
        with step("Vacuuming, as autovacuum does in time"):
            for table in TABLES:
                self.query(f"VACUUM (ANALYZE, INDEX_CLEANUP ON) {table}")
        with step("Writing the last week again, as routing does"):
            self._write_week(ROUTED)
        self.query(WATCHED)
        self.query("UPDATE bench_years SET is_filled = TRUE")

    def _begin(self):
        odoo = self.odoo
        odoo.clone(odoo.seeded_template(), self.name)
        script = odoo.instance.folder / "bench_reader.py"
        script.write_text(READER, encoding="utf-8")
        odoo.call(
            *("shell", "-d", self.name, "--no-http"),
            title="Making users and aliases",
            log=odoo.instance.logs / "bench_screens.log",
            script=script,
        )
        self.query(CUSTOMERS)
        self.query(
            "CREATE TABLE bench_years AS SELECT now() AT TIME ZONE 'UTC' AS now,"
            f" FALSE AS is_filled, '{addon_digest()}' AS addon;"
            " CREATE TABLE bench_written (name text)"
        )

    def _write_at_once(self, *written):
        """Write tables, two at a time, the first of them first.

        :param written: (table, statement)
        """
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for done in [pool.submit(self._write, *one) for one in written]:
                done.result()

    def _write(self, table, sql):
        """Write the rows of a table, and then its indexes, in one transaction; leave
        what an earlier run has written."""
        if self.query(f"SELECT 1 FROM bench_written WHERE name = '{table}'"):
            return
        lines = self.odoo.cluster.query(INDEXES % table, self.name)
        indexes = dict(line.split("\t", 1) for line in lines)
        drops = [f"DROP INDEX {name}" for name in indexes]
        statements = [*drops, sql % self.values, *indexes.values()]
        statements.append(COUNT_ON % {"table": table})
        statements.append(f"INSERT INTO bench_written VALUES ('{table}')")
        self.odoo.cluster.query(
            QUICKLY + ";\n".join(statements), self.name, user=SUPERUSER
        )

    def _write_week(self, statements):
        for table, begun in ENDS.items():
            filled = statements.format(
                table=table,
                names=", ".join(begun),
                begun=", ".join(
                    f"{name} = '{value}'" if value else f"{name} = NULL"
                    for name, value in begun.items()
                ),
                ends=", ".join(f"{name} = ended.{name}" for name in begun),
            )
            self.query(filled)

    def update(self):
        """Bring a database of an earlier version of the addon up to date."""
        if self.query("SELECT addon FROM bench_years") == [addon_digest()]:
            return
        self.odoo.call(
            *("server", "-d", self.name, "-u", "mail_catchall_router"),
            *("--no-http", "--stop-after-init"),
            title="Updating the addon",
            log=self.odoo.instance.logs / "bench_screens.log",
        )
        self._note_addon()

    def _note_addon(self):
        self.query(f"UPDATE bench_years SET addon = '{addon_digest()}'")

    def sizes(self):
        """Return {table or index: megabytes} of the big tables, largest first."""
        lines = self.odoo.cluster.query(
            "SELECT relname, pg_relation_size(oid) / 1024 / 1024 FROM pg_class"
            " WHERE relname LIKE 'mail_catchall_message%'"
            " OR relname LIKE 'mail_catchall_delivery%'"
            " OR relname LIKE 'mail_catchall_words%'"
            " ORDER BY pg_relation_size(oid) DESC LIMIT 40",
            self.name,
        )
        pairs = (line.split("|") for line in lines)
        return {name: int(size) for name, size in pairs}
