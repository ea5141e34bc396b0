"""compose.yaml, as far as it can be checked without Docker."""

import re

import pytest
import yaml

from sandbox import config, setup

pytestmark = pytest.mark.alone
# Of Odoo's official image: where it looks for addons and keeps files, and what its
# entry point reads (github.com/odoo/docker, 19.0).
ADDONS, DATA = "/mnt/extra-addons", "/var/lib/odoo"
READ = {"HOST", "PORT", "USER", "PASSWORD", "PASSWORD_FILE"}
PORTS = {"8069", "8071", "8072"}


SERVICE = re.compile(r"^```yaml\n(  odoo-listen:\n.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture
def compose():
    """The parsed file."""
    return yaml.safe_load(read("compose.yaml"))


def read(name):
    """Return the text of a file of the checkout."""
    return (config.CHECKOUT / name).read_text(encoding="utf-8")


def test_the_addon_lies_where_the_image_looks_for_it_under_its_name(compose):
    mounts = [one.split(":") for one in compose["services"]["odoo"]["volumes"]]
    sources = {target: (source, *options) for source, target, *options in mounts}
    assert sources[f"{ADDONS}/{config.ADDON}"] == ("./", "ro")
    assert sources[DATA] == ("odoo-data",)


def test_odoo_gets_what_its_entry_point_reads_and_the_database_the_same(compose):
    odoo, database = compose["services"]["odoo"], compose["services"]["db"]
    assert odoo["environment"].keys() <= READ
    assert odoo["environment"]["HOST"] in compose["services"]
    assert odoo["environment"]["USER"] == database["environment"]["POSTGRES_USER"]
    password = database["environment"]["POSTGRES_PASSWORD"]
    assert odoo["environment"]["PASSWORD"] == password
    assert {one.rpartition(":")[2] for one in odoo["ports"]} <= PORTS


def test_only_this_machine_reaches_what_has_a_password_that_everyone_knows(compose):
    for service in compose["services"].values():
        for port in service.get("ports", ()):
            assert port.startswith("127.0.0.1:"), port
    # A page that drops databases, with the image's own master password.
    assert "--no-database-list" in compose["services"]["odoo"]["command"]


def test_the_database_is_asked_where_odoo_asks_it(compose):
    *_, words = compose["services"]["db"]["healthcheck"]["test"]
    # The image's entry point makes the files with a server that listens to no TCP.
    assert "--host=" in words


def test_every_volume_is_declared_and_every_service_waited_for_exists(compose):
    services = compose["services"]
    for service in services.values():
        assert set(service.get("depends_on", ())) <= services.keys()
        for mount in service["volumes"]:
            source = mount.split(":")[0]
            assert source.startswith("./") or source in compose["volumes"]


def test_odoo_takes_the_options_of_the_command(compose):
    first, *options = compose["services"]["odoo"]["command"]
    assert first == "--", "the entry point adds the database's options after it"
    known = setup.ensure().path / "odoo" / "tools" / "config.py"
    text = known.read_text(encoding="utf-8")
    for option in options:
        name = re.match(r"--[a-z-]+", option)[0]
        assert re.search(rf"""["']{name}["']""", text), name


def test_a_listener_of_its_own_gets_the_same_as_odoo(compose):
    """It is a service that is pasted into the file."""
    odoo = compose["services"]["odoo"]
    pasted = yaml.safe_load(SERVICE.search(read("doc/listener.md"))[1])
    (listener,) = pasted.values()
    for key in ("image", "depends_on", "environment", "restart"):
        assert listener[key] == odoo[key], key
    # It reads no attachment.
    assert listener["volumes"] == [one for one in odoo["volumes"] if ADDONS in one]
    first, addons, *command = listener["command"].split()
    assert first == "odoo", "the entry point adds the database's options"
    assert addons.startswith("--addons-path=/") and addons.endswith(f",{ADDONS}")
    (database,) = [one for one in odoo["command"] if one.startswith("--database=")]
    assert command == ["catchall_listen", "-d", database.partition("=")[2]]
