"""The linters say what is wrong; a commit is checked by those of dev/test."""

import subprocess

import pytest
import yaml

from sandbox import config, linters, setup
from sandbox.odoo import Odoo

pytestmark = pytest.mark.alone


@pytest.fixture
def suite(instance):
    """The linters of this checkout."""
    return linters.Linters(Odoo(instance, setup.ensure()))


def test_each_linter_is_a_hook():
    """Neither runs what the other does not."""
    text = (config.CHECKOUT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    (local,) = yaml.safe_load(text)["repos"]
    assert local["repo"] == "local"
    hooks = {hook["id"]: hook["entry"] for hook in local["hooks"]}
    assert hooks == {name: f"dev/lint {name}" for name in linters.LINTERS}
    assert not any(hook["pass_filenames"] for hook in local["hooks"])


def test_an_offence_is_told(suite, monkeypatch, tmp_path):
    """A linter looks at the checkout, and its words are handed on."""
    assert suite.ruff().failed == 0
    (tmp_path / "wrong.py").write_text("import os\n", encoding="utf-8")
    monkeypatch.setattr(config, "CHECKOUT", tmp_path)
    outcome = suite.ruff()
    assert (outcome.passed, outcome.failed) == (0, 1)
    assert "wrong.py:1:8" in outcome.details[0]


def test_the_command_ends_as_its_linters_do():
    """Exit status 0, and 2 for a name that no linter has."""
    program = config.CHECKOUT / "dev" / "lint"
    good, unknown = (
        subprocess.run([program, name], capture_output=True, text=True, check=False)
        for name in ("package", "nosuch")
    )
    assert (good.returncode, good.stdout) == (0, "3 passed, 0 failed\n")
    assert unknown.returncode == 2
    assert "nosuch" in unknown.stdout
