"""The benchmarks work: a short form, whose times nobody looks at. And what stock Odoo
and the router make of the same mails is the same."""

import json
import subprocess
import sys

from sandbox import config

BENCH = config.CHECKOUT / "bench" / "run"
SECONDS = 600


def measure(system, folder, name):
    """Run a short benchmark; return its row."""
    result = folder / "rows.json"
    run = subprocess.run(
        [sys.executable, BENCH, name, "--short", "--json", result],
        env=system.odoo.environment(),
        check=False,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert not run.returncode, run.stdout + run.stderr
    [row] = json.loads(result.read_text(encoding="utf-8"))
    return row


def test_a_short_benchmark_measures_both_sides(system, tmp_path):
    assert measure(system, tmp_path, "route")["measured"].endswith("x")


def test_the_router_makes_of_mails_what_odoo_makes_of_them(system, tmp_path):
    assert measure(system, tmp_path, "same")["measured"] == "the same"
