"""Takes back what was done in a database since it began to be watched.

A trigger of each table keeps every row that changes, in a schema of its own, whoever
changes it: :meth:`Watch.take_back` puts the rows back, the last change first. Odoo
notices, too: what tells its processes to forget what they remember are rows as well.
"""

import contextlib

from .postgres import SUPERUSER

SCHEMA = "takeback"
RECOVER = f"""
DO $$ BEGIN
    IF to_regprocedure('{SCHEMA}.undo()') IS NOT NULL THEN
        PERFORM {SCHEMA}.undo();
    END IF;
END $$;
DROP SCHEMA IF EXISTS {SCHEMA} CASCADE
"""
# Files of the web client are made when they are first asked for, which takes long: they
# stay.
BEGIN = f"""
CREATE SCHEMA {SCHEMA};
CREATE TABLE {SCHEMA}.change (
    id bigserial PRIMARY KEY, place regclass, before jsonb, after jsonb
);
CREATE FUNCTION {SCHEMA}.keep() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF TG_TABLE_NAME = 'ir_attachment'
    AND to_jsonb(coalesce(NEW, OLD)) ->> 'url' LIKE '/web/assets/%' THEN
        RETURN NULL;
    END IF;
    INSERT INTO {SCHEMA}.change (place, before, after)
    VALUES (TG_RELID, to_jsonb(OLD), to_jsonb(NEW));
    RETURN NULL;
END $$;
-- As a replica: neither foreign keys nor our own triggers have a say.
CREATE FUNCTION {SCHEMA}.undo() RETURNS bigint
LANGUAGE plpgsql SET session_replication_role = replica AS $$
DECLARE
    one record;
    number bigint := 0;
BEGIN
    FOR one IN
        WITH undone AS (DELETE FROM {SCHEMA}.change RETURNING *)
        SELECT * FROM undone ORDER BY id DESC
    LOOP
        IF one.after ? 'id' THEN
            EXECUTE format('DELETE FROM %s WHERE id = $1', one.place)
            USING (one.after ->> 'id')::bigint;
        ELSIF one.after IS NOT NULL THEN
            EXECUTE format('DELETE FROM %s t WHERE to_jsonb(t) = $1', one.place)
            USING one.after;
        END IF;
        IF one.before IS NOT NULL THEN
            EXECUTE format(
                'INSERT INTO %1$s SELECT (jsonb_populate_record(NULL::%1$s, $1)).*',
                one.place
            ) USING one.before;
        END IF;
        number := number + 1;
    END LOOP;
    RETURN number;
END $$;
DO $$
DECLARE
    place regclass;
BEGIN
    FOR place IN
        SELECT oid FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    LOOP
        EXECUTE format(
            'CREATE TRIGGER takeback AFTER INSERT OR UPDATE OR DELETE ON %s'
            ' FOR EACH ROW EXECUTE FUNCTION {SCHEMA}.keep()',
            place
        );
    END LOOP;
END $$
"""
UNDO = f"SELECT {SCHEMA}.undo()"
END = f"DROP SCHEMA {SCHEMA} CASCADE"


class Watch:
    """A database that is watched."""

    def __init__(self, cluster, database):
        self._cluster = cluster
        self._database = database

    def recover(self):
        """Take back what was done when a watch was interrupted."""
        self._query(RECOVER)

    def begin(self):
        """Keep what is changed from now on."""
        self.recover()
        self._query(BEGIN)

    def take_back(self):
        """Put all rows back as they were; return how many changes that undoes."""
        return int(self._query(UNDO)[0])

    def _query(self, sql):
        return self._cluster.query(sql, self._database, user=SUPERUSER)

    @contextlib.contextmanager
    def on(self):
        """Watch for the time of the block, and leave the database as it was."""
        self.begin()
        try:
            yield self
            self.take_back()
        finally:
            self._query(END)
