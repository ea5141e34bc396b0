"""Short-lived Odoo processes for crash tests: a child per task, forked from a process
that has loaded the registry already, as Odoo's own server with workers does.

Reads tasks from stdin, one JSON object a line, and answers each with how the child
ended: ``{"exit": 0}`` or ``{"signal": 9}``.
"""

import importlib
import json
import logging
import os
import sys
import threading

from odoo import SUPERUSER_ID, api, sql_db
from odoo.modules.registry import Registry
from odoo.tools import config

_logger = logging.getLogger(__name__)

CRONS = {
    "collect": "mail.ir_cron_mail_gateway_action",
    "route": "mail_catchall_router.ir_cron_route",
    "send": "mail.ir_cron_mail_scheduler_action",
    "copy": "mail_catchall_router.ir_cron_copy",
}
FAILED = 3
# After three kills Odoo leaves a scheduled action out once; here each start counts.
FORGET_KILLS = "UPDATE ir_cron_progress SET timed_out_counter = 0"


def live(database, task):
    """Do the scheduled actions and the call of a task, or die at its crash point."""
    os.environ["CATCHALL_CRASH_AT"] = task.get("crash_at", "")
    checkpoints = importlib.import_module(
        "odoo.addons.mail_catchall_router.tools.runtime.checkpoints"
    )
    # It reads the environment when it is imported.
    importlib.reload(checkpoints)
    threading.current_thread().dbname = database
    for name in task["crons"]:
        with Registry(database).cursor() as cr:
            cr.execute(FORGET_KILLS)
            cr.commit()
            cron = api.Environment(cr, SUPERUSER_ID, {}).ref(CRONS[name])
            answer = cron.method_direct_trigger()
        if answer is not True:
            raise RuntimeError(answer)
    if task.get("call"):
        model, method, ids = task["call"]
        with Registry(database).cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            getattr(env[model].browse(ids), method)()


def fork(database, task):
    """Let a child do a task and return how it ended."""
    sql_db.close_all()  # a connection must not be in two processes
    child = os.fork()
    if not child:
        status = FAILED
        try:
            live(database, task)
            status = 0
        except Exception:
            _logger.exception("The task failed")
        finally:
            sys.stderr.flush()
            os._exit(status)
    _pid, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return {"signal": os.WTERMSIG(status)}
    return {"exit": os.WEXITSTATUS(status)}


def main(database):
    """Serve tasks until stdin ends."""
    config.parse_config(["-d", database, "--no-http"], setup_logging=True)
    Registry(database)
    for line in sys.stdin:
        answer = json.dumps(fork(database, json.loads(line)))
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
