"""What a customer gets: the addon alone, and it works in an Odoo without our tools."""

import dataclasses
import importlib.metadata
import re

import pytest

from sandbox import config, package, release, setup
from sandbox.client import CUSTOMER, address_of
from sandbox.progress import SandboxError

#: The ports next to Odoo's belong to the other parts of dev/test.
HTTP_OFFSET = 16
#: Plain tests and property tests in one file, none of which needs a mail server.
QUICK_TESTS = f"/{config.ADDON}:TestSpam"


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """The addon's folder as a customer gets it, of the checkout as it is now."""
    return package.export(package.snapshot(), tmp_path_factory.mktemp("exported"))


@pytest.fixture
def addon(tmp_path):
    """A small addon's folder with all that its manifest names."""
    folder = tmp_path / "addons" / "small"
    files = {
        "__manifest__.py": """{
            "data": ["views/a.xml"],
            "demo": [],
            "images": [],
            "assets": {"web.assets_backend": ["small/static/src/*.js"]},
        }""",
        "README.md": "[more](doc/more.md#here), [elsewhere](https://a.test/b)",
        "doc/more.md": "[back](../README.md)\n```\n[no](link)\n```\n",
        "views/a.xml": "<odoo/>",
        "static/src/a.js": "",
        "static/description/icon.png": "",
        "static/description/index.html": "",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.alone
@pytest.mark.parametrize("check", package.CHECKS, ids=lambda one: one.__name__)
def test_a_customer_gets_the_addon_alone(check, exported, addon):
    """What lint checks, with something to check."""
    assert len(list(exported.rglob("*.py"))) > 300
    assert check(exported) == check(addon) == []


@pytest.mark.alone
@pytest.mark.parametrize(
    ("check", "name", "text", "named"),
    [
        (package.unlisted, "bench/run", "", "bench"),
        (package.unlisted, "notes.txt", "", "notes.txt"),
        (package.missing, "views/a.xml", None, "views/a.xml"),
        (package.missing, "static/src/a.js", None, "small/static/src/*.js"),
        (package.missing, "static/description/icon.png", None, "icon.png"),
        (package.dead_links, "doc/more.md", None, "README.md: doc/more.md"),
        (package.dead_links, "doc/more.md", "[x](../dev/run)", "../dev/run"),
    ],
)
def test_an_offence_is_named(addon, check, name, text, named):
    """A file too many, a file too few, and a link that leads nowhere."""
    if text is None:
        (addon / name).unlink()
    else:
        (addon / name).parent.mkdir(exist_ok=True)
        (addon / name).write_text(text, encoding="utf-8")
    (offence,) = check(addon)
    assert named in offence


@pytest.mark.alone
@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "README.md", "CHANGELOG.md"])
def test_what_the_pages_name_is_there(page):
    """Commands and files of the repository, as they are written in these pages."""
    text = (config.CHECKOUT / page).read_text(encoding="utf-8")
    named = set(re.findall(r"`((?:[a-z_]+/)+[a-z_-]+(?:\.[a-z]+)?)\b[^`]*`", text))
    own = {
        name for name in named if (config.CHECKOUT / name.partition("/")[0]).is_dir()
    }
    assert "dev/release" in own
    assert not [name for name in own if not (config.CHECKOUT / name).exists()]


@pytest.mark.alone
def test_only_what_is_committed_is_released(monkeypatch):
    """A dirty checkout is refused with a sentence that names the files."""
    monkeypatch.setattr(
        package, "_git", lambda *_arguments: b" M hooks.py\n?? new.py\n"
    )
    with pytest.raises(SandboxError, match=r"not: hooks\.py, new\.py\. Commit"):
        package.require_clean()


@pytest.mark.alone
def test_a_plain_environment_has_no_test_packages(tmp_path):
    """Odoo's requirements are there, and nothing that only our tests need."""
    setup.plain_venv(tmp_path / "venv")
    (site,) = tmp_path.glob("venv/lib/python*/site-packages")
    found = {package.name for package in importlib.metadata.distributions(path=[site])}
    if setup.libraries() == setup.NEWEST:
        assert found == set(_required("requirements.txt"))
    assert not found & set(_required("requirements-test.txt"))
    assert "hypothesis" in _required("requirements-test.txt")


def _required(name):
    text = (setup.DEV / name).read_text(encoding="utf-8")
    return re.findall(r"^([\w.-]+)==", text, re.MULTILINE)


def test_the_wheel_works_in_a_plain_odoo(system, tmp_path):
    """It holds what the zip holds, its tests load, and a mail becomes a lead.

    dev/release does this with both files and all tests.
    """
    instance = system.odoo.instance
    port = instance.http_port + HTTP_OFFSET
    log = instance.logs / "release-build.log"
    zip_file, wheel = release.build(package.snapshot(), tmp_path, log)
    assert set(package.contents(zip_file)) > {"__manifest__.py", "models/__init__.py"}
    own = dataclasses.replace(instance, http_port=port)
    trial = release.try_out(wheel, own, system.odoo.source, QUICK_TESTS)
    assert trial.passed > 5
    (reason,) = trial.skipped
    assert reason.startswith("hypothesis is not installed")
    assert address_of(trial.lead.record["email_from"]) == address_of(CUSTOMER)
