"""What the router makes of mails is what stock Odoo makes of them."""

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase

import tricky
import workload

from sandbox.progress import say

ORDINARY, CONVERSATIONS = 90, 60
FEW = 12
SHOWN = 160  # characters of a value
ROBOT = '"OdooBot" <odoobot@example.com>'


@dataclass(frozen=True)
class Wanted:
    """Differences that are wanted: where they are (a pattern of ``fnmatch``), why, and
    what is true of the value in stock and the router's."""

    where: str
    reason: str
    holds: Callable = lambda _stock, _router: True


def _is_by_robot(stock, router):
    return stock == ROBOT and router.endswith(f"@{workload.DOMAIN}>")


def _is_closed(stock, router):
    return "Enclosed text" in str(stock) or "Enclosed.eml" in str(router)


def _names_mailbox(stock, router):
    return stock == sorted([*router, workload.MAILBOX])


WANTED = (
    Wanted(
        "documents / project.task * / values / email_cc",
        "Odoo takes the mailbox, named in Delivered-To, for somebody in copy",
        _names_mailbox,
    ),
    Wanted(
        "documents / * by Odoo: * / email_from",
        "what Odoo writes by itself comes from the alias, not from OdooBot",
        _is_by_robot,
    ),
    Wanted(
        "mails / by Odoo: * / from",
        "what Odoo writes by itself comes from the alias, not from OdooBot",
        _is_by_robot,
    ),
    Wanted(
        "documents / project.task * <untitled-3@khach.example> / subject",
        "a document that has no subject gets one, and so does its mail",
    ),
    Wanted(
        "*b@khach6.example*",
        "Odoo refuses an applicant who has neither subject nor name",
    ),
    Wanted(
        "mails / <untitled-2@khach.example> to *",
        "Odoo refuses an applicant who has neither subject nor name",
        lambda stock, _router: stock is None,
    ),
    Wanted(
        "documents / * <away-1@khach.example> / *",
        "an automatic answer is a note, not the customer writing",
    ),
    Wanted(
        "mails / by Odoo: Re: About friends-2 to *",
        "nobody is told of a refusal who is not known and not proven (RFC 3834)",
        lambda _stock, router: router is None,
    ),
    Wanted(
        "documents / * <teams-1@khach.example> / incoming_email_cc",
        "Odoo forgets who is in copy for all but the first document of a mail",
        lambda stock, _router: stock == [],
    ),
    Wanted(
        "documents / * “About enclosed-1” in *",
        "Odoo shows the text of an enclosed mail as the sender's own, and calls the "
        "file “attachment”",
        _is_closed,
    ),
)
SHARED = """
    SELECT max(mails) FROM (
        SELECT count(*) AS mails FROM mail_catchall_message GROUP BY xmin::text) shared
"""
QUIET = """
    INSERT INTO ir_config_parameter (key, value)
    VALUES ('mail.gateway.loop.threshold', '1000000')
"""


def same(lab):
    """The same mails through stock and through the router, and what is different."""
    raws = _mails(*((FEW, FEW) if lab.short else (ORDINARY, CONVERSATIONS)))
    stock = _describe(lab, False, "stock", raws)
    router = _describe(lab, True, "collect_and_route", raws)
    _require_sharing(lab)
    _judge(list(differences(stock, router)))
    lab.note(
        f"{len(raws)} mails: records, followers, messages, files, contacts, queue",
        "stock",
        "the same",
        "the same",
        f"but for {len(WANTED)} wanted kinds of difference",
    )


def _mails(ordinary, conversations):
    return [
        *tricky.mails(),
        *workload.ordinary(ordinary),
        *workload.conversations(conversations),
    ]


def _describe(lab, router, work, raws):
    database = lab.fresh(router)
    lab.odoo.cluster.query(QUIET, database)
    lab.mail.empty()
    lab.inside(database, "prepare")
    workload.fill(lab.mail, raws)
    return lab.inside(database, "describe", work=work)


def _require_sharing(lab):
    """Stop when no mails shared a transaction: there was nothing to compare then."""
    [mails] = lab.odoo.cluster.query(SHARED, lab.name(True))
    if int(mails) < 2:
        raise SystemExit("Each mail had a transaction of its own")


# ----------------------------------------------------------------------
# DIFFERENCES
# ----------------------------------------------------------------------


def differences(stock, router, path=""):
    """Yield (path, value in stock, value in the router) of what is different in nested
    dicts and lists; None stands for what is not there."""
    if isinstance(stock, dict) and isinstance(router, dict):
        for name in sorted(stock | router):
            below = f"{path} / {name}" if path else name
            yield from differences(stock.get(name), router.get(name), below)
    elif stock != router:
        yield path, stock, router


def _judge(found):
    """Print the differences; stop when one is not wanted, or a wanted one is gone."""
    unwanted, counts = [], dict.fromkeys(WANTED, 0)
    for path, stock, router in found:
        wanted = _find_wanted(path, stock, router)
        if wanted:
            counts[wanted] += 1
        else:
            unwanted.append(path)
            say(f"{path}\n    stock  {_shown(stock)}\n    router {_shown(router)}")
    for wanted, count in counts.items():
        say(f"Wanted, {count} times: {wanted.where}: {wanted.reason}")
    if unwanted:
        raise SystemExit(f"{len(unwanted)} differences that are not wanted")
    if outdated := [one.where for one in WANTED if not counts[one]]:
        raise SystemExit(f"Wanted differences that are not there: {outdated}")


def _find_wanted(path, stock, router):
    return next(
        (
            one
            for one in WANTED
            if fnmatchcase(path, one.where) and one.holds(stock, router)
        ),
        None,
    )


def _shown(value):
    return "nothing" if value is None else repr(value)[:SHOWN]
