import contextlib
import os
import sys
import threading
import time
from unittest.mock import patch

from odoo.service import server
from odoo.tests import TransactionCase, tagged
from odoo.tools import config

from odoo.addons.mail_catchall_router.listener import (
    databases,
    hands,
    inside,
    process,
)

SERVING = {"http_enable": True, "stop_after_init": False, "test_enable": False}


@tagged("mail_catchall_router", "post_install", "-at_install")
class TestListenerInside(TransactionCase):
    """Odoo listens by itself where it serves browsers, and nowhere else."""

    @contextlib.contextmanager
    def running(self, kind, *, answers=True, **options):
        """Make this process look like one of a kind of server, with these options.

        :param answers: whether it answers browsers
        """
        running = kind and object.__new__(kind)
        if kind is server.ThreadedServer:
            running.httpd = object() if answers else None
        with (
            patch.object(server, "server", running),
            patch.dict(os.environ),
            patch.dict(config.options, {**SERVING, **options}),
        ):
            os.environ.pop(inside.SWITCH, None)
            yield

    def test_the_process_that_answers_browsers_listens(self):
        for kind in (server.ThreadedServer, server.GeventServer):
            with self.subTest(kind=kind), self.running(kind):
                self.assertTrue(inside.listens())

    def test_other_processes_do_not(self):
        for name, kind, options in (
            ("workers and their master", server.PreforkServer, {}),
            ("a shell", server.ThreadedServer, {"answers": False}),
            ("other commands", None, {}),
            ("scheduled actions only", server.ThreadedServer, {"http_enable": False}),
            ("an update", server.ThreadedServer, {"stop_after_init": True}),
            ("tests", server.ThreadedServer, {"test_enable": True}),
        ):
            with self.subTest(name), self.running(kind, **options):
                self.assertFalse(inside.listens())

    def test_the_environment_of_a_process_switches_it_off(self):
        with self.running(server.ThreadedServer):
            for value, listens in (("0", False), ("off", False), ("1", True)):
                os.environ[inside.SWITCH] = value
                self.assertEqual(inside.listens(), listens, value)

    def test_a_database_that_is_loaded_is_listened_to(self):
        with (
            patch.object(inside.inside, "add") as add,
            self.running(server.ThreadedServer),
        ):
            self.env["fetchmail.server"]._register_hook()
        add.assert_called_once_with(self.env.cr.dbname)

    def test_a_master_of_workers_lets_the_evented_one_load_the_addon(self):
        with self.running(server.PreforkServer), patch.object(sys, "argv", ["odoo"]):
            for _database in range(2):
                self.env["fetchmail.server"]._register_hook()
            options = sys.argv[1:]
        (option,) = options
        self.assertRegex(option, "^--load=.*base.*,mail_catchall_router$")

    def test_the_evented_worker_loads_the_databases_with_the_addon(self):
        database = self.env.cr.dbname
        with (
            patch.dict(config.options, {"db_name": [database, "there_is_none"]}),
            patch.object(inside, "Registry") as registry,
        ):
            inside.begin()
            registry.assert_called_once_with(database)
            self.assertFalse(inside.is_installed("postgres"))

    def test_a_database_that_cannot_be_loaded_keeps_no_other_from_it(self):
        names = {"db_name": ["broken", "good"]}
        with (
            patch.dict(config.options, names),
            patch.object(inside, "is_installed", return_value=True),
            patch.object(inside, "Registry", side_effect=[KeyError("x"), None]) as load,
            self.assertLogs(inside._logger, "WARNING") as logs,
        ):
            inside.begin()
        self.assertEqual(
            [one.args for one in load.mock_calls], [("broken",), ("good",)]
        )
        self.assertIn("broken: it cannot be loaded", logs.output[0])

    def test_no_more_databases_are_loaded_than_are_listened_to(self):
        names = {"db_name": ["one", "two", "three"]}
        with (
            patch.dict(config.options, names),
            patch.object(inside, "is_installed", return_value=True),
            patch.object(process, "MOST_INSIDE", 2),
            patch.object(inside, "Registry") as registry,
        ):
            inside.begin()
        self.assertEqual(registry.call_count, 2)

    def test_a_database_of_another_version_of_odoo_is_none_to_load(self):
        self.assertTrue(inside.is_installed(self.env.cr.dbname))
        with patch.object(inside, "series", "18.0"):
            self.assertFalse(inside.is_installed(self.env.cr.dbname))

    def test_listening_that_breaks_off_begins_again(self):
        runs = []

        def run(listener):
            runs.append([one.name for one in listener._databases])
            if len(runs) == 1:
                raise RuntimeError("can't start new thread")

        mine = inside.Inside()
        with (
            patch.object(process.Listener, "run", run),
            patch.object(inside, "PAUSE", 0.01),
            patch.object(server.CommonServer, "_on_stop_funcs", []),
            self.assertLogs(inside._logger, "ERROR") as logs,
        ):
            mine.add("one")
            self.wait_for(lambda: len(runs) > 1)
            mine.stop()
        self.assertEqual(runs[:2], [["one"], ["one"]])
        self.assertIn("Listening broke off", logs.output[0])
        self.assertFalse(mine._thread.is_alive())

    def test_a_system_parameter_and_a_neutralized_database_switch_it_off(self):
        may_listen = self.env["fetchmail.server"]._catchall_may_listen
        parameters = self.env["ir.config_parameter"]
        self.assertTrue(may_listen(is_inside=True))
        parameters.set_param("mail_catchall_router.listen", "0")
        self.assertFalse(may_listen(is_inside=True))
        self.assertTrue(may_listen(is_inside=False), "who is asked for, listens")
        parameters.set_param("database.is_neutralized", "true")
        self.assertFalse(may_listen(is_inside=False))

    def test_one_thread_for_all_databases_ends_with_the_server(self):
        looked = []

        def look(database, *_arguments):
            looked.append(database)
            return databases.View(False, frozenset())

        mine = inside.Inside()
        stops = []
        before = threading.active_count()
        with (
            patch.object(databases, "look", look),
            patch.object(server.CommonServer, "_on_stop_funcs", stops),
        ):
            for name in ("one", "two", "one"):
                mine.add(name)
            self.wait_for(lambda: {"one", "two"} <= set(looked))
            more = threading.active_count() - before
            self.assertLessEqual(more, 1 + process.DATABASES_AT_ONCE)
            (stop,) = stops
            started = time.monotonic()
            stop()
            self.assertLess(time.monotonic() - started, inside.FAREWELL)
            self.assertFalse(mine._thread.is_alive())
        self.assertEqual(len(looked), 2)

    def wait_for(self, condition):
        deadline = time.monotonic() + 30
        while not condition():
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)

    def test_a_cron_thread_that_has_ended_begins_anew(self):
        begun, ends = [], threading.Event()

        def cron_thread(_odoo, number):
            begun.append(number)
            ends.wait(10)

        first = threading.Thread(target=cron_thread, args=(None, 97), daemon=True)
        first.name = f"{hands.NAME}97"
        first.start()
        with (
            self.running(server.ThreadedServer),
            patch.object(server.ThreadedServer, "cron_thread", cron_thread),
        ):
            mine = hands.Hands()
            mine.tend()
            mine.tend()
            self.assertEqual(begun, [97], "who is there is left alone")
            ends.set()
            first.join(10)
            ends.clear()
            with self.assertLogs(hands._logger, "WARNING"):
                mine.tend()
            mine.tend()
            self.wait_for(lambda: begun == [97, 97])
        ends.set()
