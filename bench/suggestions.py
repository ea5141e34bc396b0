#!/usr/bin/env python3
"""How long it takes to find which address was meant, among very many.

    bench/suggestions.py [--aliases 1000000] [--lookups 500]

A scratch database gets so many aliases, and as many contacts. Then mistyped addresses
are looked up as routing does it, and known and unknown senders. The times that half
and 95 % of the look-ups need are printed, in milliseconds.
"""

import argparse
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "dev"))

from sandbox import config, setup
from sandbox.odoo import Odoo

DATABASE = "bench_suggestions"

# Names without letters that look like others: their keys are the name itself and what
# is left of it without each of its letters. An index is made quicker than it grows.
FILL = """
CREATE TEMPORARY TABLE name AS
SELECT DISTINCT translate(left(md5(n::text), 10),
                          '0123456789abcdef', 'abcdefghjkmnpstu') AS name
  FROM generate_series(1, {count}) AS n;
DROP INDEX mail_alias_catchall_keys_idx;
INSERT INTO mail_alias (alias_name, alias_full_name, alias_domain_id, alias_model_id,
                        alias_defaults, alias_contact, catchall_keys)
SELECT name, name || '@{domain}', {domain_id}, {model_id}, '{{}}', 'everyone',
       name || ' ' || (
           SELECT string_agg(left(name, at - 1) || substr(name, at + 1), ' ')
             FROM generate_series(1, length(name)) AS at)
  FROM name;
INSERT INTO res_partner (name, complete_name, email, email_normalized, active)
SELECT name, name, name || '@customer.example', name || '@customer.example', true
  FROM name;
CREATE INDEX mail_alias_catchall_keys_idx
    ON mail_alias USING gin (string_to_array(catchall_keys, ' '));
ANALYZE mail_alias; ANALYZE res_partner;
"""

MEASURE = """
import json, random, statistics, time
from pathlib import Path

results = {{}}

domain = env["mail.alias.domain"].search([], limit=1)
model = env["ir.model"]._get_id("res.partner")
started = time.monotonic()
env.cr.execute({fill!r}.format(
    count={count}, domain=domain.name, domain_id=domain.id, model_id=model))
env.cr.commit()
print(f"filled in {{time.monotonic() - started:.0f}} s")
router = env["mail.catchall.router"].search([], limit=1)
message = env["mail.catchall.message"]._journal(router, [{{"raw": b"Subject: X"}}])
aliases = env["mail.alias"].search([("catchall_keys", "!=", False)], limit=20000)
names = random.Random(1).sample([one.alias_name for one in aliases], {lookups})
env.invalidate_all()

def percentiles(what, work, values):
    times = []
    for value in values:
        env.invalidate_all()
        started = time.perf_counter()
        work(value)
        times.append((time.perf_counter() - started) * 1000)
    cuts = statistics.quantiles(times, n=100)
    print(f"{{what}}: p50 {{cuts[49]:.1f}} ms, p95 {{cuts[94]:.1f}} ms")
    results[what] = {{"p50": cuts[49], "p95": cuts[94]}}

def slip(name):
    at = len(name) // 2
    return f"{{name[:at]}}{{name[at + 1:]}}@{{domain.name}}"

mail = message._read_mail()
slips = [slip(name) for name in names]
def alike(address):
    return message._find_alike([address])[address]

found = sum(bool(alike(one)) for one in slips)
print(f"{{found}} of {{len(slips)}} mistyped addresses have a candidate")
percentiles("mistyped address", alike, slips)
percentiles(
    "nobody's address",
    alike,
    [f"zz-{{number}}-zz@{{domain.name}}" for number in range({lookups})],
)
percentiles(
    "known sender",
    mail.is_known_contact,
    [f"{{name}}@customer.example" for name in names],
)
percentiles(
    "unknown sender",
    mail.is_known_contact,
    [f"{{name}}@stranger.example" for name in names],
)
if {path!r}:
    Path({path!r}).write_text(json.dumps(results))
"""


def main():
    """Fill a scratch database, measure in it, and drop it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--aliases", type=int, default=1_000_000)
    parser.add_argument("--lookups", type=int, default=500)
    parser.add_argument("--json", metavar="FILE", help="write the times there too")
    options = parser.parse_args()
    odoo = Odoo(config.Instance.current("test"), setup.ensure())
    odoo.prepare()
    odoo.clone(odoo.seeded_template(), DATABASE)
    try:
        subprocess.run(
            odoo.command("shell", "-d", DATABASE, "--log-level=error", "--no-http"),
            input=MEASURE.format(
                fill=FILL,
                count=options.aliases,
                lookups=options.lookups,
                path=options.json,
            ),
            env=odoo.environment(),
            text=True,
            check=True,
        )
    finally:
        odoo.drop(DATABASE)


if __name__ == "__main__":
    main()
