"""Sending, against stock Odoo, to a server that is as far away as a provider's."""

from far_away import FarAway
from lab import ratio

from .inbound import rates

ROUND_TRIP = 0.03  # seconds


def sending(lab):
    """Mails of many authors over TLS with a provider's distance added."""
    mails, authors = (20, 5) if lab.short else (200, 50)
    logins = {}

    def send(router):
        database = lab.fresh(router)
        lab.mail.empty()
        offset = lab.mail.log_size()
        target = lab.odoo.instance.port("submission")
        with FarAway(target, ROUND_TRIP) as provider:
            result = lab.inside(
                database, "send", mails=mails, authors=authors, port=provider.port
            )
        logins[router] = lab.mail.logins(offset)
        if result["sent"] != mails:
            raise SystemExit(f"{result['sent']} of {mails} mails were sent")
        return result["seconds"]

    router, odoo = lab.alternate(lambda: send(True), lambda: send(False))
    lab.note(
        f"{mails} mails by {authors} authors over TLS, "
        f"{1000 * ROUND_TRIP:.0f} ms added to each round trip",
        "stock",
        ">= 10x, 1 login",
        f"{ratio(odoo, router):.1f}x, {logins[True]} login(s)",
        f"{rates(mails, router, odoo)} with {logins[False]} logins",
    )
