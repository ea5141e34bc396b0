"""Finding among very many: the address that was meant, and what screens show."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

BENCH = Path(__file__).resolve().parents[1]


def alike(lab):
    """The near-miss search among a million addresses."""
    count = 10_000 if lab.short else 1_000_000
    results = _result_of(lab, "suggestions.py", "--aliases", str(count))
    result = results["mistyped address"]
    lab.note(
        f"near-miss search among {count} addresses",
        "-",
        "p95 <= 10 ms",
        f"p95 {result['p95']:.1f} ms",
        f"p50 {result['p50']:.1f} ms",
    )


def screens(lab):
    """Dashboard, quarantine and messages with a million rows in the journal."""
    rows = 20_000 if lab.short else 1_000_000
    result = _result_of(lab, "screens.py", "--rows", str(rows))
    for name, screen in result["screens"].items():
        lab.note(
            f"{name} at {rows} messages",
            "-",
            "p95 <= 300 ms",
            f"p95 {screen['p95']:.0f} ms",
            f"p50 {screen['p50']:.0f} ms",
        )


def _result_of(lab, program, *arguments):
    """Run a program of this folder on the lab's instance, and return its JSON."""
    with tempfile.NamedTemporaryFile(suffix=".json") as result:
        subprocess.run(
            [sys.executable, BENCH / program, *arguments, "--json", result.name],
            env={**os.environ, **lab.environment()},
            check=True,
        )
        return json.loads(Path(result.name).read_text(encoding="utf-8"))
