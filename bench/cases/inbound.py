"""Collecting and routing mail, against stock Odoo on the same mails."""

import growth
import workload
from lab import median, ratio

# A process needs seconds to start; those that are to work at once wait for each other.
START_SECONDS = 12


def collect(lab):
    """Collect into the journal, against stock's fetch of the same mailbox."""
    mails, stock_mails = (60, 20) if lab.short else (2000, 100)

    def ours():
        return seconds(lab, True, "collect", mails) / mails

    def stock():
        # Stock's work per mail doesn't depend on their number; 2,000 take minutes.
        return seconds(lab, False, "stock", stock_mails) / stock_mails

    router, odoo = lab.alternate(ours, stock)
    lab.note(
        f"collect into the journal, {mails} mails of 2 to 40 KB",
        "stock's fetch of the same mailbox",
        ">= 60x, >= 500 mails/s",
        f"{ratio(odoo, router):.0f}x, {1 / median(router):.0f} mails/s",
        f"stock {1 / median(odoo):.1f} mails/s",
    )


def route(lab):
    """Collect and route in one lane, against stock."""
    mails = 30 if lab.short else 200
    ours, theirs = lab.alternate(
        lambda: measured(lab, True, "collect_and_route", mails),
        lambda: measured(lab, False, "stock", mails),
    )
    router, odoo = times(ours), times(theirs)
    lab.note(
        "collect + route to lead/applicant/task, one lane",
        "stock",
        ">= 1.8x",
        f"{ratio(odoo, router):.2f}x",
        f"{rates(mails, router, odoo)}; {processors(mails, ours, theirs)}",
    )


def judging(lab):
    """What the router's own defence and proof add to routing a mail: CPU of the worker
    and of its database process."""
    mails = 10 if lab.short else 50
    database = lab.fresh(True)
    found = lab.inside(database, "judged_times", mails=mails, pairs=lab.pairs)
    more = 100 * (ratio(found["judged"], found["bare"]) - 1)
    lab.note(
        "own defence and proof of a mail that is signed: CPU",
        "routing it without them",
        "<= +10 %",
        f"{more:+.1f} %",
        f"{median(found['judged']):.1f} ms, without {median(found['bare']):.1f} ms",
    )


def lanes(lab):
    """Route with two lanes in two processes, against one lane."""
    mails = 40 if lab.short else 400
    one, two = lab.alternate(
        lambda: _lane_seconds(lab, 1, mails), lambda: _lane_seconds(lab, 2, mails)
    )
    lab.note(
        "the same, two lanes in two processes",
        "our one lane",
        ">= 1.7x",
        f"{ratio(one, two):.2f}x",
        rates(mails, two, one, "one lane"),
    )


def large(lab):
    """Collect and route in a database of years, against our empty one and stock."""
    mails = 30 if lab.short else 100
    size = growth.SMALL if lab.short else growth.Size()
    results = lab.alternate(
        lambda: measured(lab, True, "collect_and_route", mails),
        lambda: measured(lab, True, "collect_and_route", mails, size),
        lambda: measured(lab, False, "stock", mails, size),
    )
    empty, full, odoo = (times(one) for one in results)
    ours_empty, ours, theirs = results
    lab.note(
        f"the same at {size}",
        "our own empty database",
        "<= 1.15x the time",
        f"{ratio(full, empty):.2f}x",
        f"{rates(mails, full, empty, 'empty')}; "
        f"{processors(mails, ours, ours_empty, 'empty')}",
    )
    lab.note(
        "the same at that size",
        "stock at that size",
        ">= 5x",
        f"{ratio(odoo, full):.2f}x",
        f"{rates(mails, full, odoo)}; {processors(mails, ours, theirs)}",
    )


def flood(lab):
    """Settle a flood of mail to nobody, and of known spam, against stock."""
    mails, stock_mails = (40, 20) if lab.short else (600, 60)
    for title, spam in (("mail to unknown addresses", False), ("known spam", True)):
        raws = workload.flood(mails, spam=spam)
        few = workload.flood(stock_mails, spam=spam)
        ours, theirs = lab.alternate(
            lambda raws=raws: _settle(lab, True, "collect_and_route", raws),
            lambda few=few: _settle(lab, False, "stock", few),
        )
        router = [one / mails for one in times(ours)]
        odoo = [one / stock_mails for one in times(theirs)]
        lab.note(
            f"a flood of {title}",
            "stock on the same flood",
            ">= 20x",
            f"{ratio(odoo, router):.1f}x",
            f"{rates(1, router, odoo)}; "
            f"{processors(mails, ours, theirs, their_mails=stock_mails)}",
        )


def memory(lab):
    """Memory above the worker's own for mails with large attachments."""
    count = 1 if lab.short else 3
    raws = [workload.large(number, 10, files=5) for number in range(count)]

    def peak(router, function):
        database = lab.fresh(router)
        lab.mail.empty()
        workload.fill(lab.mail, raws)
        return lab.inside(database, "above_baseline", work=function)

    ours, theirs = lab.alternate(
        lambda: peak(True, "collect_and_route"), lambda: peak(False, "stock")
    )
    router, odoo = ([one["megabytes"] for one in found] for found in (ours, theirs))
    collecting = median([one["collecting"] for one in ours])
    lab.note(
        f"{count} mails of 10 MB with 5 attachments: peak above the baseline",
        "stock",
        "<= 1.0x",
        f"{ratio(router, odoo):.2f}x",
        f"{median(router):.0f} MB, stock {median(odoo):.0f} MB",
    )
    lab.note(
        "the same, collecting alone",
        "-",
        "<= 30 MB",
        f"{collecting:.0f} MB",
        f"of {count} mails",
    )


def seconds(lab, router, function, mails):
    """Return how long a fresh database takes for so many ordinary mails."""
    return measured(lab, router, function, mails)["seconds"]


def measured(lab, router, function, mails, size=None):
    """Return what a fresh database takes for so many ordinary mails, with "seconds"
    and "cpu": those of the worker and of its database processes."""
    database = lab.fresh(router, size)
    lab.mail.empty()
    known = size.partners if size else 0
    workload.fill(lab.mail, workload.ordinary(mails, known=known))
    before = lab.inside(database, "records")
    result = lab.inside(database, function)
    made = sum(result["records"].values()) - sum(before.values())
    if function != "collect" and made != mails:
        raise SystemExit(f"{function}: {made} documents of {mails} mails")
    return result


def times(results):
    """Return the seconds of each result."""
    return [one["seconds"] for one in results]


def processors(mails, ours, theirs, name="stock", their_mails=None):
    """Return the CPU of a mail of both, which other work on the machine changes less
    than the time.

    :param name: what the second is
    :param their_mails: how many mails the second got, if not as many
    """
    cpu = [1000 * one["cpu"] / mails for one in ours]
    their_cpu = [1000 * one["cpu"] / (their_mails or mails) for one in theirs]
    return (
        f"of CPU {median(cpu):.1f} ms a mail, {name} {median(their_cpu):.1f} ms, "
        f"{ratio(their_cpu, cpu):.2f}x"
    )


def rates(mails, ours, theirs, name="stock"):
    """Return mails per second of both, from lists of seconds.

    :param name: what the second is
    """
    return (
        f"{mails / median(ours):.1f} mails/s, "
        f"{name} {mails / median(theirs):.1f} mails/s"
    )


def _lane_seconds(lab, count, mails):
    """Return how long so many processes take together for what is collected."""
    database = lab.fresh(True)
    lab.mail.empty()
    workload.fill(lab.mail, workload.ordinary(mails))
    lab.inside(database, "collect")
    at = lab.now() + START_SECONDS
    processes = [lab.begin(database, "route_at", at=at) for _lane in range(count)]
    return max(lab.end(process)["ended"] for process in processes) - at


def _settle(lab, router, function, raws):
    database = lab.fresh(router)
    lab.mail.empty()
    workload.fill(lab.mail, raws)
    result = lab.inside(database, function)
    if left := workload.untouched(lab.mail):
        raise SystemExit(f"{function}: {left} mails were not even looked at")
    return result
