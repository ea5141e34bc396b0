"""The database with demo data that is shown: in pictures, and to who checks screens."""

import contextlib

from . import config, setup
from .odoo import Odoo, addon_digest, stop

DATABASE = "screenshots"
MODULES = ("crm", "hr_recruitment", config.ADDON)


def marker_of(instance):
    """Return the file that tells of which addon the database is."""
    return instance.folder / f"{DATABASE}-{config.digest(config.CHECKOUT)}"


def prepare(odoo, *, fresh):
    """Make the database with demo data, unless that of the addon as it is exists."""
    marker, state = marker_of(odoo.instance), addon_digest()
    is_known = marker.exists() and marker.read_text("utf-8") == state
    if is_known and not fresh and odoo.cluster.exists(DATABASE):
        return
    marker.unlink(missing_ok=True)
    odoo.drop(DATABASE)
    odoo.call(
        *("server", "-d", DATABASE, "-i", ",".join(MODULES), "--with-demo"),
        *("--stop-after-init", "--no-http"),
        title="Installing with demo data",
        log=odoo.instance.logs / "screenshots.log",
    )
    marker.write_text(state, encoding="utf-8")


@contextlib.contextmanager
def shown(*, fresh=False):
    """Serve the database for the time of the block; give its :class:`Odoo`.

    :param fresh: whether to begin with a new database
    """
    odoo = Odoo(config.Instance.current(), setup.ensure(tests=True))
    started = odoo.prepare()
    server = None
    try:
        prepare(odoo, fresh=fresh)
        # No scheduled actions: nothing may change between two looks.
        server = odoo.serve(
            DATABASE,
            log=odoo.instance.logs / "screenshots.log",
            options=("--max-cron-threads", "0"),
        )
        yield odoo
    finally:
        if server:
            stop(server)
        if started:
            odoo.cluster.stop()
