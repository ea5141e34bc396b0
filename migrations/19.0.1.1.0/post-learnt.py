"""Turn the full names of machines that were learnt into the domains they stand below.

Until 19.0.1.0.0 a round trip learnt the names of the servers that its mail met. The
findings of the trips tell which names were learnt; what a person has entered stays.
"""

from collections import defaultdict

from odoo import SUPERUSER_ID, api

from odoo.addons.mail_catchall_router.tools.watch import learning

# code of a finding -> (the field that it has filled, the detail with the names)
LEARNT = {
    "learnt_hosts": ("own_hosts", "hosts"),
    "recipient_hidden": ("own_hosts", "hosts"),
    "learnt_authserv": ("authserv_ids", "server"),
    "learnt_header": ("recipient_headers", "header"),
}


def migrate(cr, version):
    """Replace learnt names, and keep when they were learnt."""
    env = api.Environment(cr, SUPERUSER_ID, {"active_test": False})
    for (router, field), dates in _learnt(env).items():
        names = [one for one in router._words_in(field) if one in dates]
        if not names:
            continue
        date = min(dates[name] for name in names)
        # What was entered by hand stands in the field alone.
        router.learnt = {**(router.learnt or {}), field: dict.fromkeys(names, "")}
        router._forget_names(field)
        if field == "recipient_headers":
            router._learn_names(field, names, date)
        elif not router._trusted()["profile"]:
            router._learn_names(field, learning.learnable(names), date)


def _learnt(env):
    """Return {(router, field): {name: when it was learnt}}."""
    found = defaultdict(dict)
    findings = env["mail.catchall.finding"].search([("code", "in", list(LEARNT))])
    for finding in findings:
        field, detail = LEARNT[finding.code]
        trip = finding.trip_id
        date = trip.ended_date or trip.create_date
        if finding.code == "recipient_hidden" and not finding.is_applied:
            continue
        for name in (finding.details or {}).get(detail, "").split(","):
            found[trip.router_id, field][name.strip()] = date
    return found
