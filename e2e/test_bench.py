"""The benchmarks work: their short forms, whose times nobody looks at."""

import json
import subprocess
import sys

from sandbox import config

BENCH = config.CHECKOUT / "bench" / "run"
SECONDS = 600


def test_the_short_benchmarks_answer_each_row(system, tmp_path):
    result = tmp_path / "rows.json"
    names = ("collect", "route", "flood")
    run = subprocess.run(
        [sys.executable, BENCH, *names, "--short", "--json", result],
        env=system.odoo.environment(),
        check=False,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert not run.returncode, run.stdout + run.stderr
    rows = json.loads(result.read_text(encoding="utf-8"))
    assert len(rows) == 4
    assert all(row["measured"] and row["goal"] for row in rows)
