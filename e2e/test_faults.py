"""The short run of the fault suite; ``dev/faults`` is the long one."""

import os
import random

import pytest

from faults.suite import Suite
from sandbox.progress import say

pytestmark = pytest.mark.alone

MAILS = 300


@pytest.mark.timeout(900)
def test_nothing_is_lost_or_double_whatever_breaks(odoo):
    """300 mails, every fault at least once; CATCHALL_SEED repeats a run."""
    seed = int(os.environ.get("CATCHALL_SEED") or random.randrange(10_000))
    report = Suite(odoo, seed, MAILS).run()
    say(report.text())
    assert not report.balance.problems, report.text()
