"""Sending, against stock Odoo: to a server that is as far away as a provider's, and to
one on the same host."""

from far_away import FarAway
from lab import median, percentile, ratio

from .inbound import rates

ROUND_TRIP = 0.03  # seconds


def sending(lab):
    """Mails of many authors over TLS, far and near."""
    _compare(
        lab,
        f"{1000 * ROUND_TRIP:.0f} ms added to each round trip",
        ">= 10x, 1 login",
        ROUND_TRIP,
    )
    _compare(lab, "server on the same host", "1 login", 0)


def _compare(lab, distance, goal, round_trip):
    mails, authors = (20, 5) if lab.short else (200, 50)
    logins, windows, cpu = {}, {True: [], False: []}, {True: [], False: []}

    def send(router):
        database = lab.fresh(router)
        lab.mail.empty()
        offset = lab.mail.log_size()
        target = lab.odoo.instance.port("submission")
        with FarAway(target, round_trip) as provider:
            result = lab.inside(
                database, "send", mails=mails, authors=authors, port=provider.port
            )
        logins[router] = lab.mail.logins(offset)
        windows[router] += result["windows"]
        cpu[router].append(result["cpu"])
        if result["sent"] != mails:
            raise SystemExit(f"{result['sent']} of {mails} mails were sent")
        return result["seconds"]

    router, odoo = lab.alternate(lambda: send(True), lambda: send(False))
    lab.note(
        f"{mails} mails by {authors} authors over TLS, {distance}",
        "stock",
        goal,
        f"{ratio(odoo, router):.1f}x, {logins[True]} login(s)",
        f"{rates(mails, router, odoo)} with {logins[False]} logins; it is open whether "
        f"a mail was sent for {_shown(windows[True])}, stock {_shown(windows[False])}; "
        f"the worker's CPU {median(cpu[True]):.1f} ms a mail, stock "
        f"{median(cpu[False]):.1f}",
    )


def _shown(windows):
    return f"{median(windows):.1f} ms (99 %: {percentile(windows, 0.99):.1f} ms)"
