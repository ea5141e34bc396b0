-- What the search by words and the unread marks ask of PostgreSQL, a million messages.
--
--   createdb words && psql -d words -f bench/words.sql
--
-- Tables as the addon makes them, without Odoo. The time of the processor (user, system)
-- is told of each statement: the other means little on a busy machine.
CREATE EXTENSION pg_trgm;
CREATE TABLE message (
    id int PRIMARY KEY, company_id int, create_date timestamp, decided_user_id int,
    state varchar, subject varchar, trace text);
INSERT INTO message
SELECT n, 1, now() - (1000000 - n) * interval '730 days' / 1000000, NULL,
       CASE WHEN n % 500 = 0 THEN 'held' ELSE 'delivered' END,
       'Question ' || n || ' about order ' || md5(n::text), repeat(md5(n::text), 10)
  FROM generate_series(1, 1000000) n;
CREATE INDEX ON message (company_id, id);
CREATE INDEX ON message (create_date, state, company_id);

CREATE FUNCTION said(n int) RETURNS text IMMUTABLE LANGUAGE sql AS $$
    SELECT 'hello, could you send us ' || n % 97 || ' '
           || (ARRAY['lamps', 'chairs', 'tables', 'invoices', 'samples', 'catalogues',
                     'doors'])[1 + n % 7]
           || ' of the series ' || substr(md5('s' || n), 1, 8)
           || ' before the end of the month? kind regards' $$;
CREATE FUNCTION found_by(n int) RETURNS text IMMUTABLE LANGUAGE sql AS $$
    SELECT ' question ' || n || ' about order ' || md5(n::text) || ' "customer '
           || n % 40000 || '" <c' || n % 40000 || '@customer.example> team' || n % 200
           || '-0@tenmien.test ' || said(n) $$;
CREATE TABLE words (
    id serial PRIMARY KEY, message_id int NOT NULL, snippet varchar, text text);
INSERT INTO words (message_id, snippet, text)
SELECT n, said(n), found_by(n) FROM generate_series(1, 1000000) n;
CREATE UNIQUE INDEX ON words (message_id);
CREATE INDEX words_text ON words USING gin (text gin_trgm_ops);

-- Twenty users have opened one of ten mails of the last month.
CREATE TABLE read (id serial PRIMARY KEY, message_id int, user_id int);
INSERT INTO read (message_id, user_id)
SELECT n, u FROM generate_series(958900, 1000000, 10) n, generate_series(1, 20) u;
CREATE UNIQUE INDEX ON read (user_id, message_id);
VACUUM ANALYZE;
SELECT pg_size_pretty(pg_relation_size('words')) AS words,
       pg_size_pretty(pg_relation_size('words_text')) AS index;

SET client_min_messages = log;
SET log_executor_stats = on;
SET max_parallel_workers_per_gather = 0;
\echo == a word that one mail has
SELECT message_id FROM words WHERE text LIKE '%987654%' LIMIT 1001;
\echo == an address whose domain all have
SELECT count(*) FROM (
    SELECT FROM words WHERE text LIKE '%c123@customer.example%' LIMIT 1001) found;
\echo == words that 143000 have: the newest 80
SELECT count(*) FROM (
    SELECT id FROM message
     WHERE company_id = 1
       AND id IN (SELECT message_id FROM words
                   WHERE text LIKE '%chairs%' AND text LIKE '%month%')
     ORDER BY id DESC LIMIT 80) page;
\echo == the same, counted as far as a list counts
SELECT count(*) FROM (
    SELECT FROM message
     WHERE company_id = 1
       AND id IN (SELECT message_id FROM words
                   WHERE text LIKE '%chairs%' AND text LIKE '%month%')
     LIMIT 10001) found;
\echo == unread, counted as far as a list counts
SELECT count(*) FROM (
    SELECT FROM message
     WHERE company_id = 1
       AND create_date >= now() - interval '30 days'
       AND id > 0
       AND (decided_user_id != 7 OR decided_user_id IS NULL)
       AND id NOT IN (SELECT message_id FROM read WHERE user_id = 7)
     LIMIT 10001) found;
\echo == as it was: ILIKE of the subject alone
SELECT count(*) FROM (
    SELECT FROM message WHERE subject ILIKE '%987654%' LIMIT 10001) found;
\echo == the words of 2000 new mails
INSERT INTO words (message_id, snippet, text)
SELECT n, said(n), found_by(n) FROM generate_series(2000001, 2002000) n;
