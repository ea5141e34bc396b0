"""Starts ``sandbox.corpus`` in an Odoo shell, on a database of its own."""

import subprocess

from .progress import SandboxError, tail

DATABASE = "corpus"
ALIASES = ("sales", "ketoantruong", "project")


def examine(odoo, options):
    """Send a folder through the router; print a report; return the exit status.

    :param options: what ``dev/corpus`` was told
    """
    if not options.folder.is_dir():
        raise SandboxError(f"There is no folder {options.folder}.")
    settings = {
        "folder": str(options.folder.absolute()),
        "as_is": options.as_is,
        "domain": options.domain or "",
        "aliases": tuple(options.to or ALIASES),
        "twice": not options.once,
    }
    odoo.clone(odoo.seeded_template(), DATABASE)
    script = odoo.instance.folder / "corpus.py"
    script.write_text(
        f"from sandbox.corpus import main\nmain(env, **{settings!r})\n",
        encoding="utf-8",
    )
    log = odoo.instance.logs / "corpus.log"
    with script.open(encoding="utf-8") as stdin, log.open("w") as stderr:
        status = subprocess.run(
            odoo.command("shell", "-d", DATABASE, "--no-http"),
            env=odoo.environment(),
            stdin=stdin,
            stderr=stderr,
            check=False,
        ).returncode
    if status not in {0, 1}:
        raise SandboxError(f"Odoo failed. The end of {log}:\n{tail(log)}")
    return status
