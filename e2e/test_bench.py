"""The benchmarks work: a short form, whose times nobody looks at."""

import json
import subprocess
import sys

from sandbox import config

BENCH = config.CHECKOUT / "bench" / "run"
SECONDS = 600


def test_a_short_benchmark_measures_both_sides(system, tmp_path):
    result = tmp_path / "rows.json"
    run = subprocess.run(
        [sys.executable, BENCH, "route", "--short", "--json", result],
        env=system.odoo.environment(),
        check=False,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert not run.returncode, run.stdout + run.stderr
    rows = json.loads(result.read_text(encoding="utf-8"))
    assert len(rows) == 1
    assert rows[0]["measured"].endswith("x")
