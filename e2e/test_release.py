"""What a customer gets: the addon alone, and it works in an Odoo without our tools."""

import pytest

from sandbox import package


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


@pytest.mark.parametrize("check", package.CHECKS, ids=lambda one: one.__name__)
def test_a_customer_gets_the_addon_alone(check, exported, addon):
    """What lint checks, with something to check."""
    assert len(list(exported.rglob("*.py"))) > 300
    assert check(exported) == check(addon) == []


@pytest.mark.parametrize(
    ("check", "name", "text", "named"),
    [
        (package.unlisted, "bench/run", "", "bench"),
        (package.unlisted, "mypy.ini", "", "mypy.ini"),
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
