"""What can be said of the checkout without a database. ``dev/lint`` runs it by name.

A new linter is a method of ``Linters``, a name in ``LINTERS``, and a hook of that name
in ``.pre-commit-config.yaml``. ``dev/requirements-test.txt`` pins its version.
"""

import os
import subprocess
import tempfile
from collections.abc import Callable

from . import arrows, config, package, setup, structure_checks
from .outcome import Outcome
from .structure import Structure

ODOO_CHECKERS = "gettext", "sql_injection", "unlink_override"
ODOO_CHECKS = (
    "sql-injection,missing-gettext,gettext-variable,gettext-placeholders,gettext-repr,"
    "raise-unlink-override"
)
# The repository's page is README.md.
OCA_DISABLED = "prefer-readme-rst"
RULES = f"--rcfile={config.CHECKOUT / '.pylintrc'}"


class Linters:
    """Runs linters on this checkout.

    :param odoo: whose source and environment they use; nothing of it has to run
    """

    def __init__(self, odoo):
        self.odoo = odoo
        self.addon = setup.addons_folder() / config.ADDON

    def _tool(self, name, *arguments, **environment):
        """Run a program; its silence is one passed check."""
        path = os.pathsep.join([str(setup.venv() / "bin"), os.environ["PATH"]])
        result = subprocess.run(
            [setup.venv() / "bin" / name, *map(str, arguments)],
            cwd=config.CHECKOUT,
            env={**self.odoo.environment(), "PATH": path, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode == 0:
            return Outcome(passed=1)
        return Outcome.failure(f"{name}:\n{result.stdout}{result.stderr}".rstrip())

    def ruff(self):
        """Check the rules of ruff.toml."""
        return self._tool("ruff", "check", "--no-cache", "--output-format=concise", ".")

    def format(self):
        """Check that the code is laid out as ruff does it."""
        return self._tool("ruff", "format", "--no-cache", "--check", "--diff", ".")

    def types(self):
        """Check the types of tools/."""
        return self._tool("mypy")

    def structure(self):
        """Check how the addon is built, in the checkout and as it is installed."""
        structure = Structure(config.CHECKOUT)
        with tempfile.TemporaryDirectory() as folder:
            addon = structure_checks.install(config.CHECKOUT, folder)
            messages = structure_checks.pylint(
                setup.venv() / "bin" / "pylint", addon, RULES
            )
        found = [
            *((check, check(structure)) for check in structure_checks.CHECKS),
            *((check, check(structure)) for check in arrows.CHECKS),
            *((check, check(messages)) for check in structure_checks.INSTALLED_CHECKS),
        ]
        return sum((Outcome.of(*one) for one in found), Outcome())

    def package(self):
        """Check what a customer would get of the checkout as it is now."""
        with tempfile.TemporaryDirectory() as folder:
            addon = package.export(package.snapshot(), folder)
            found = [(check, check(addon)) for check in package.CHECKS]
        return sum((Outcome.of(*one) for one in found), Outcome())

    def tests(self):
        """Check the tests by .pylintrc; ``structure`` does so with the rest."""
        # It takes for tests only what stands directly in a folder of that name.
        untranslated = "--disable=translation-required"
        return self._tool("pylint", RULES, untranslated, self.addon / "tests")

    def odoo_checkers(self):
        """Run the pylint checkers that Odoo keeps in its tests."""
        tests = next(
            path / "test_lint" / "tests"
            for path in self.odoo.source.addons_paths
            if (path / "test_lint").exists()
        )
        plugins = ",".join(f"_odoo_checker_{name}" for name in ODOO_CHECKERS)
        return self._tool(
            "pylint",
            "--rcfile=/dev/null",
            f"--load-plugins={plugins}",
            "--disable=all",
            f"--enable={ODOO_CHECKS}",
            "--score=no",
            self.addon,
            PYTHONPATH=f"{tests}{os.pathsep}{self.odoo.source.path}",
        )

    def oca(self):
        """Run OCA's checks of XML, CSV and the manifest."""
        return self._tool(
            "oca-checks-odoo-module", f"--disable={OCA_DISABLED}", self.addon
        )

    def catalogues(self):
        """Run OCA's checks of the translations."""
        files = sorted((config.CHECKOUT / "i18n").glob("*.po*"))
        return self._tool("oca-checks-po", *files)


LINTERS: dict[str, Callable[[Linters], Outcome]] = {
    "ruff": Linters.ruff,
    "format": Linters.format,
    "types": Linters.types,
    "package": Linters.package,
    "catalogues": Linters.catalogues,
    "structure": Linters.structure,
    "tests": Linters.tests,
    "odoo": Linters.odoo_checkers,
    "oca": Linters.oca,
}


def run(odoo, names=tuple(LINTERS)):
    """Return the outcome of these linters."""
    suite = Linters(odoo)
    return sum((LINTERS[name](suite) for name in names), Outcome())
