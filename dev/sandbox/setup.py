"""Everything the sandbox needs, installed once and remembered by a stamp per step.

``dev/run`` and ``dev/test`` both begin here. A step runs again only when what it
depends on has changed, so that a second start costs a fraction of a second.
"""

import contextlib
import functools
import importlib.metadata
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from . import config
from .processes import run
from .progress import SandboxError, step

DEV = Path(__file__).resolve().parents[1]
PYTHONS = ((3, 11), (3, 13))
SERVICE_PACKAGES = (
    "ca-certificates",
    "dovecot-imapd",
    "dovecot-lmtpd",
    "dovecot-pop3d",
    "openssl",
    "postfix",
    "postgresql",
)
TEST_PACKAGES = ("chromium", "opendkim")
FILTER_PACKAGES = ("clamav-daemon", "rspamd", "spamassassin", "spamd")
POLICY_RC = Path("/usr/sbin/policy-rc.d")
# Odoo's Debian package replaces its bundled assets by links to these. The fonts of
# unstable moved some of the files, hence bookworm's; it lacks Montserrat, though.
ASSET_PACKAGES = (
    "fonts-font-awesome",
    "fonts-inconsolata",
    "fonts-ocr-b",
    "fonts-roboto-unhinted",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
)
UNSTABLE_PACKAGES = ("odoo-19", "fonts-montserrat")
#: Where the libraries of Odoo come from, by the value of CATCHALL_LIBRARIES: the newest
#: that work, those that Odoo 19 names, or Debian's.
NEWEST, ODOO, DEBIAN = "", "odoo", "debian"
REQUIRED = "requirements.txt"
TESTED = "requirements-test.txt"
#: What Debian has of what Odoo's own package for it depends on.
DEBIAN_LIBRARIES = tuple(
    f"python3-{name}"
    for name in (
        *("asn1crypto", "babel", "cbor2", "chardet", "cryptography", "dateutil"),
        *("docutils", "freezegun", "geoip2", "gevent", "greenlet", "idna", "jinja2"),
        *("libsass", "lxml", "markupsafe", "num2words", "ofxparse", "openpyxl"),
        *("openssl", "passlib", "pdfminer", "phonenumbers", "pil", "pkg-resources"),
        *("polib", "psutil", "psycopg2", "pypdf2", "qrcode", "reportlab", "requests"),
        *("rjsmin", "serial", "stdnum", "tz", "urllib3", "usb", "venv", "vobject"),
        *("websocket", "werkzeug", "xlrd", "xlsxwriter", "xlwt", "zeep", "magic"),
    )
)
NETWORK_REMEDY = (
    "Check the network and the package sources of this machine, then start again."
)


@dataclass(frozen=True)
class OdooSource:
    """An Odoo 19 that can be imported from ``path``."""

    path: Path
    version: str

    @property
    def addons_paths(self):
        """Odoo's own addons folders; a checkout keeps most of them beside ``odoo``.

        Debian's package has a folder there too, that lacks views and data.
        """
        candidates = (self.path / "addons", self.path / "odoo" / "addons")
        return [path for path in candidates if (path / "mail" / "views").exists()]


# ----------------------------------------------------------------------
# STAMPS
# ----------------------------------------------------------------------


def _stamp(name):
    return config.cache() / "stamps" / name


def is_done(name, key):
    """Tell whether a step was finished for exactly this input."""
    stamp = _stamp(name)
    return stamp.exists() and stamp.read_text(encoding="utf-8") == key


def mark_done(name, key):
    """Remember that a step is finished for this input."""
    stamp = _stamp(name)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(key, encoding="utf-8")


def _log(name):
    return config.logs() / f"setup-{name}.log"


# ----------------------------------------------------------------------
# DEBIAN PACKAGES
# ----------------------------------------------------------------------


def _is_installed(package):
    query = ["dpkg-query", "--show", "--showformat", "${db:Status-Status}", package]
    result = subprocess.run(query, capture_output=True, text=True, check=False)
    return result.stdout == "installed"


@contextlib.contextmanager
def _no_service_starts():
    """Keep freshly installed packages from starting system-wide services.

    Debian asks ``policy-rc.d`` before it starts one; 101 means "forbidden". The
    sandbox runs its own servers, on its own ports.
    """
    if POLICY_RC.exists():
        yield
        return
    POLICY_RC.write_text("#!/bin/sh\nexit 101\n", encoding="utf-8")
    POLICY_RC.chmod(0o755)
    try:
        yield
    finally:
        POLICY_RC.unlink()


def _apt(arguments, *, title, **options):
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "-o", "DPkg::Lock::Timeout=300", *arguments]
    run(
        command,
        title=title,
        log=_log("apt"),
        remedy=NETWORK_REMEDY,
        env=environment,
        **options,
    )


@functools.cache
def update_package_lists():
    """Fetch the package lists, once per process."""
    _apt(["update"], title="Updating the package lists")


def download_packages(packages, folder):
    """Download the archives of Debian packages into a folder, installing nothing."""
    # As root into a folder that apt's own user cannot enter.
    _apt(
        ["-o", "APT::Sandbox::User=root", "download", *packages],
        title=f"Downloading {', '.join(packages)}",
        cwd=folder,
    )


def _preseed():
    """Answer Postfix's question, so that it gets no configuration of its own."""
    answer = "postfix postfix/main_mailer_type select No configuration\n"
    subprocess.run(["debconf-set-selections"], input=answer, text=True, check=True)


def install_packages(packages):
    """Install the Debian packages that are missing."""
    missing = [package for package in packages if not _is_installed(package)]
    if not missing:
        return
    config.require_root(f"Installing {', '.join(missing)}")
    with step(f"Installing {', '.join(missing)}"):
        _preseed()
        update_package_lists()
        with _no_service_starts():
            _apt(
                ["install", "--yes", "--no-install-recommends", *missing],
                title="Installing Debian packages",
            )


# ----------------------------------------------------------------------
# ODOO
# ----------------------------------------------------------------------


def _archive():
    """Return the address of the Debian archive this machine already uses."""
    query = [
        "apt-get",
        "indextargets",
        "--format",
        "$(REPO_URI) $(RELEASE)",
        "Created-By: Packages",
    ]
    output = subprocess.run(query, capture_output=True, text=True, check=False).stdout
    for line in output.splitlines():
        address, _, release = line.partition(" ")
        if release and "-" not in release:
            return address
    raise SandboxError(
        "Downloading Odoo failed: apt knows no Debian archive. "
        "Add one to its sources, or set ODOO_SRC to an Odoo 19 checkout."
    )


def _unstable_options(folder):
    """Prepare lists of Debian unstable that leave the system's own untouched."""
    lists = folder / "lists"
    (lists / "partial").mkdir(parents=True, exist_ok=True)
    sources = folder / "sources.list"
    keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"
    sources.write_text(
        f"deb [signed-by={keyring}] {_archive()} sid main\n", encoding="utf-8"
    )
    settings = {
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": "/nonexistent",
        "Dir::State::Lists": lists,
        "Dir::Cache::pkgcache": "",
        "Dir::Cache::srcpkgcache": "",
        # We download as root into a folder that apt's own user cannot enter.
        "APT::Sandbox::User": "root",
    }
    return [
        part for name, value in settings.items() for part in ("-o", f"{name}={value}")
    ]


def _download_odoo(folder):
    """Download Odoo and the packages its assets link to."""
    options = _unstable_options(folder)
    with step("Reading the package list of Debian unstable"):
        _apt([*options, "update"], title="Reading the package list of Debian unstable")
    with step("Downloading Odoo 19 (about 125 MB)"):
        _apt(
            [*options, "download", *UNSTABLE_PACKAGES],
            title="Downloading Odoo 19",
            cwd=folder,
        )
        if not list(Path("/var/lib/apt/lists").glob("*_Packages*")):
            update_package_lists()
        download_packages(ASSET_PACKAGES, folder)


def _unpack_odoo(folder, root):
    """Unpack every downloaded package into one root folder and mend what is missing."""
    with step("Unpacking Odoo 19"):
        for package in sorted(folder.glob("*.deb")):
            run(
                ["dpkg-deb", "--extract", package, root],
                title=f"Unpacking {package.name}",
                log=_log("odoo"),
                remedy=f"Delete {folder} and start again.",
            )
    # Dropped by the Debian package; the browser reports its absence as an error.
    mail = root / "usr/lib/python3/dist-packages/odoo/addons/mail"
    library = mail / "static/lib/selfie_segmentation"
    library.mkdir(parents=True, exist_ok=True)
    (library / "selfie_segmentation.js").touch()


def _provide_odoo():
    """Return the folder that holds a downloaded ``odoo`` package."""
    root = config.cache() / "odoo"
    if not is_done("odoo", "1"):
        folder = config.cache() / "download"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(root, ignore_errors=True)
        folder.mkdir(parents=True)
        _download_odoo(folder)
        _unpack_odoo(folder, root)
        shutil.rmtree(folder)
        mark_done("odoo", "1")
    return root / "usr/lib/python3/dist-packages"


def _odoo_version(path):
    """Read the version of an Odoo source tree without importing it."""
    release = path / "odoo" / "release.py"
    if not release.exists():
        return ""
    text = release.read_text(encoding="utf-8")
    found = re.search(r"^version_info = \((\d+), (\d+), (\d+)", text, re.MULTILINE)
    return ".".join(found.groups()) if found else ""


def _revision(path):
    """Return the commit of a checkout, or nothing when it is none."""
    command = ["git", "-C", str(path), "rev-parse", "--short", "HEAD"]
    if not (path / ".git").exists():
        return ""
    return subprocess.run(
        command, capture_output=True, text=True, check=False
    ).stdout.strip()


def odoo_source():
    """Return the Odoo 19 to use: the person's checkout, or one that we download."""
    chosen = os.environ.get("ODOO_SRC")
    path = Path(chosen).expanduser().resolve() if chosen else _provide_odoo()
    version = _odoo_version(path)
    if not version.startswith("19."):
        raise SandboxError(
            f"There is no Odoo 19 in {path}. "
            + (
                "Set ODOO_SRC to the root of an Odoo 19 checkout."
                if chosen
                else f"Delete {config.cache() / 'stamps' / 'odoo'} and start again."
            )
        )
    revision = _revision(path) or config.digest(path)
    return OdooSource(path, f"{version}-{revision}")


# ----------------------------------------------------------------------
# PYTHON
# ----------------------------------------------------------------------


def libraries():
    """Return which libraries Odoo runs with: NEWEST, ODOO or DEBIAN.

    :raise SandboxError: when CATCHALL_LIBRARIES is something else
    """
    chosen = os.environ.get("CATCHALL_LIBRARIES", NEWEST)
    if chosen not in (NEWEST, ODOO, DEBIAN):
        raise SandboxError(f"CATCHALL_LIBRARIES is {ODOO} or {DEBIAN}, not {chosen}.")
    return chosen


def venv():
    """Return the folder of the virtual environment."""
    chosen = libraries()
    of = "-{}.{}-{}".format(*sys.version_info[:2], chosen) if chosen else ""
    return config.cache() / f"venv{of}"


def python():
    """Return the interpreter that has Odoo's requirements."""
    return venv() / "bin" / "python"


def _check_python():
    lowest, highest = PYTHONS
    if not lowest <= sys.version_info[:2] <= highest:
        raise SandboxError(
            f"Python {sys.version_info[0]}.{sys.version_info[1]} cannot run Odoo 19. "
            "Start this command with Python 3.11 to 3.13."
        )


def _step(name):
    """Return what a step is remembered by in the virtual environment of now."""
    return f"{venv().name}-{name}" if libraries() else name


def _venv_command(folder, *options):
    """Return the command that makes a virtual environment."""
    shared = ("--system-site-packages",) * (libraries() == DEBIAN)
    return [sys.executable, "-m", "venv", *shared, *options, folder]


def _create_venv():
    key = f"{sys.version} {Path(sys.executable).resolve()}"
    if is_done(_step("venv"), key) and python().exists():
        return
    _check_python()
    with step("Creating the virtual environment"):
        for stamp in _stamp("").glob(_step("requirements*")):
            stamp.unlink()
        run(
            _venv_command(venv(), "--clear"),
            title="Creating the virtual environment",
            log=_log("python"),
            remedy="Install python3-venv, then start again.",
        )
    mark_done(_step("venv"), key)


def install_requirements(*names):
    """Install requirement files into the virtual environment. Debian's libraries are
    there already, and only what the tests need is not."""
    _create_venv()
    for name in names:
        if libraries() == DEBIAN and name == REQUIRED:
            continue
        file, *options = _pip_arguments(name)
        key = file.read_text(encoding="utf-8")
        if is_done(_step(name), key):
            continue
        with step(f"Installing the Python packages of dev/{file.name}"):
            run(
                [
                    *(python(), "-m", "pip", "install", "--quiet"),
                    *("--requirement", file, *options),
                ],
                title=f"Installing the Python packages of dev/{file.name}",
                log=_log("python"),
                remedy=NETWORK_REMEDY,
                # What of old libraries is built here is built by what was there then.
                env={
                    **os.environ,
                    "PIP_CONSTRAINT": str(DEV / "requirements-build.txt"),
                },
            )
        mark_done(_step(name), key)


def _pip_arguments(name):
    """Return the file that pip reads for one of ours, and what pip is told with it."""
    if libraries() == NEWEST:
        return (DEV / name,)
    if name == REQUIRED:
        return (DEV / "requirements-odoo.txt",)
    # The list is complete, and made with the newest libraries.
    return (DEV / name, "--no-deps")


def _site(folder):
    """Return where the packages of a virtual environment are."""
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    return folder / "lib" / version / "site-packages"


def _project(name):
    """Return a project's name as package indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def plain_venv(folder):
    """Make an environment with Odoo's requirements and nothing else; return its Python.

    It gets the files that pip has put into our own one, which is quicker than pip, but
    neither the packages of the tests nor pip itself.
    """
    run(
        _venv_command(folder, "--without-pip"),
        title="Creating a plain virtual environment",
        log=_log("python"),
        remedy="Install python3-venv, then start again.",
    )
    ours, plain = _site(venv()), _site(folder)
    tested = (DEV / TESTED).read_text(encoding="utf-8")
    names = re.findall(r"^([\w.-]+)==", tested, re.MULTILINE)
    left_out = set(map(_project, ["pip", *names]))
    for package in importlib.metadata.distributions(path=[str(ours)]):
        if _project(package.name) in left_out:
            continue
        for file in package.files:
            if ".." not in file.parts and (ours / file).exists():
                (plain / file).parent.mkdir(parents=True, exist_ok=True)
                os.link(ours / file, plain / file)
    return folder / "bin" / "python"


# ----------------------------------------------------------------------
# THE ADDON
# ----------------------------------------------------------------------


def addons_folder():
    """Return an addons folder that holds nothing but a link to this checkout.

    Odoo takes a module's technical name from its folder, and a checkout may be called
    anything. Each checkout gets a folder of its own, or two would fight over the link.
    """
    folder = config.cache() / "addons" / config.digest(config.CHECKOUT)
    link = folder / config.ADDON
    if not link.is_symlink() or link.resolve() != config.CHECKOUT:
        folder.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        link.symlink_to(config.CHECKOUT)
    return folder


# ----------------------------------------------------------------------
# ALL OF IT
# ----------------------------------------------------------------------


class _Background(threading.Thread):
    """Run a step beside the others and raise its error in the caller."""

    def __init__(self, action):
        super().__init__(daemon=True)
        self.action = action
        self.error = None

    def run(self):
        try:
            self.action()
        except SandboxError as error:
            self.error = error

    def finish(self):
        """Wait for the end and raise what went wrong."""
        self.join()
        if self.error:
            raise self.error


def ensure(*, tests=False):
    """Install whatever is missing and return the Odoo to use.

    :param bool tests: also what only the tests need: browser, DKIM signer, linters
    """
    packages = SERVICE_PACKAGES + (TEST_PACKAGES if tests else ())
    requirements = (REQUIRED, TESTED) if tests else (REQUIRED,)
    if libraries() == DEBIAN:
        install_packages(DEBIAN_LIBRARIES)
    if not importlib.util.find_spec("ensurepip"):
        install_packages(["python3-venv"])  # what creating the environment needs
    background = _Background(lambda: install_requirements(*requirements))
    background.start()
    install_packages(packages)
    source = odoo_source()
    background.finish()
    addons_folder()
    return source
