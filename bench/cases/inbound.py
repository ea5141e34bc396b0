"""Collecting and routing ordinary mail, against stock Odoo on the same mails."""

import workload
from lab import median, ratio


def collect(lab):
    """Collect into the journal, against stock's fetch of the same mailbox."""
    mails, stock_mails = (60, 20) if lab.short else (2000, 100)

    def ours():
        return _seconds(lab, True, "collect", mails) / mails

    def stock():
        # Stock's work per mail doesn't depend on their number; 2,000 take minutes.
        return _seconds(lab, False, "stock", stock_mails) / stock_mails

    router, odoo = lab.alternate(ours, stock)
    lab.note(
        f"collect into the journal, {mails} mails of 2 to 40 KB",
        "stock's fetch",
        ">= 60x, >= 500 mails/s",
        f"{ratio(odoo, router):.0f}x",
        f"{1 / median(router):.0f} mails/s, stock {1 / median(odoo):.1f} mails/s",
    )


def route(lab):
    """Collect and route in one lane, against stock."""
    mails = 30 if lab.short else 200

    def ours():
        return _seconds(lab, True, "collect_and_route", mails)

    def stock():
        return _seconds(lab, False, "stock", mails)

    router, odoo = lab.alternate(ours, stock)
    lab.note(
        "collect + route to lead/applicant/task, one lane",
        "stock",
        ">= 1.8x",
        f"{ratio(odoo, router):.2f}x",
        f"{mails / median(router):.1f} mails/s, "
        f"stock {mails / median(odoo):.1f} mails/s",
    )


def _seconds(lab, router, function, mails, size=None):
    """Answer how long a fresh database takes for these mails."""
    database = lab.fresh(router, size)
    lab.mail.empty()
    workload.fill(lab.mail, workload.ordinary(mails))
    result = lab.inside(database, function)
    made = sum(result["records"].values())
    if function != "collect" and made < mails:
        raise SystemExit(f"{function}: {made} documents of {mails} mails")
    return result["seconds"]
