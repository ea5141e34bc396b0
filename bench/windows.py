"""How long it is open whether a mail was sent: from the server's answer to the commit
that notes it. A crash within sends the mail twice (Odoo), or leaves one of which
nobody knows (router)."""

import contextlib
import importlib
import smtplib
import time
from unittest.mock import patch


@contextlib.contextmanager
def measured(env):
    """Measure the windows of the mails that are sent in the block.

    :return: a list that fills with milliseconds
    """
    answers, windows = [], []

    def answered():
        answers.append(time.perf_counter())

    def committed():
        if answers:
            windows.append(1000 * (time.perf_counter() - answers[-1]))
            answers.clear()

    with _after(smtplib.SMTP, "getreply", answered), _after(*_noting(env), committed):
        yield windows


def _noting(env):
    """Return (class, name) of the method that commits what became of a mail."""
    if "mail.catchall.router" not in env:
        return type(env.cr), "commit"
    # Where the addon is not installed its models must not be known.
    sending_run = importlib.import_module(
        "odoo.addons.mail_catchall_router.models.send.sending_run"
    )
    return sending_run.Ledger, "taken"


def _after(owner, name, note):
    """Call ``note`` after each call of a method."""
    original = getattr(owner, name)

    def wrapper(*arguments, **options):
        result = original(*arguments, **options)
        note()
        return result

    return patch.object(owner, name, wrapper)
