"""Commands that end when we are interrupted, whichever thread started them."""

import contextlib
import os
import signal
import subprocess
import threading
from pathlib import Path

from .progress import SandboxError, seconds, tail

GRACE_SECONDS = 20
_running = set()
_lock = threading.Lock()
_stopped = threading.Event()


def run(command, *, title, log, remedy, **options):
    """Run a command with its output at the end of a log file.

    :param title: the step, as a person would name it
    :param log: the file that receives stdout and stderr
    :param remedy: one sentence on what to do when the command fails
    :raise SandboxError: naming the step, the end of the log and the remedy
    """
    log = Path(log)
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as stream:
        stream.write(f"\n$ {' '.join(map(str, command))}\n")
        stream.flush()
        try:
            with _started(command, stream, options) as process:
                status = process.wait()
        except OSError as error:
            stream.write(f"{error}\n")
            status = 127
    if status:
        raise SandboxError(
            f"{title} failed (exit status {status}). {remedy}\n"
            f"  The end of {log}:\n{tail(log)}".rstrip()
        )


def run_within(limit, command, *, log, **options):
    """Run a command to its end, whatever its exit status, with output to a new log.

    :param float limit: the seconds after which it is stopped
    :raise SandboxError: when it reached the limit
    """
    with (
        log.open("w", encoding="utf-8") as stream,
        _started(command, stream, options) as process,
    ):
        try:
            process.wait(limit)
        except subprocess.TimeoutExpired:
            # Odoo and our pytest answer by writing down where each thread stands.
            process.send_signal(signal.SIGQUIT)
            _end(process)
            raise SandboxError(
                f"It did not end within {seconds(limit)}. "
                f"The end of {log}:\n{tail(log, 40)}"
            ) from None


def stop_all():
    """Stop every command that runs, and let none start before ``resume``."""
    with _lock:
        _stopped.set()
        running = list(_running)
    for process in running:
        _end(process)


def resume():
    """Let commands start again, those that clean up after an interruption."""
    _stopped.clear()


@contextlib.contextmanager
def stopped_on_error(stop):
    """Call a function when the block does not get to its end, as what it has begun
    would go on without us; an interruption is an error, too."""
    try:
        yield
    except BaseException:
        stop()
        raise


@contextlib.contextmanager
def _started(command, stream, options):
    """Start a command in a process group of its own; it does not outlive the block."""
    with _lock:
        if _stopped.is_set():
            raise SandboxError("It was interrupted.")
        process = subprocess.Popen(
            list(map(str, command)),
            **{"stdin": subprocess.DEVNULL, **options},
            stdout=stream,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        _running.add(process)
    try:
        yield process
    finally:
        _running.discard(process)
        _end(process)


def _end(process):
    """Stop a process, at first as Ctrl-C does, so that it can clean up."""
    for number in (signal.SIGINT, signal.SIGKILL):
        if process.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_SECONDS)
