"""The addon as a customer gets it: what is in it, the zip and the wheel.

``git archive`` makes it, by the ``export-ignore`` lines of ``.gitattributes``.
"""

import ast
import contextlib
import os
import re
import subprocess
import tarfile
import tempfile
import zipfile
from pathlib import Path

from . import config, setup
from .processes import run
from .progress import SandboxError

#: All that may stand in the addon's folder: what Odoo loads, and what people read.
SHIPPED = {
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "README.vi.md",
    "__init__.py",
    "__manifest__.py",
    "cli",
    "controllers",
    "data",
    "demo",
    "doc",
    "hooks.py",
    "i18n",
    "listener",
    "migrations",
    "models",
    "pyproject.toml",
    "security",
    "static",
    "tests",
    "tools",
    "views",
    "wizards",
}
LINK = re.compile(r"\]\(([^)\s#]+)[^)]*\)")
CODE_BLOCK = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


# ----------------------------------------------------------------------
# FROM THE REPOSITORY
# ----------------------------------------------------------------------


def _git(*arguments, **environment):
    """Run git in the checkout, whoever owns it, and return what it writes, in bytes.

    :raise SandboxError: with the words of git
    """
    command = ["git", "-c", "safe.directory=*", *map(str, arguments)]
    result = subprocess.run(
        command,
        cwd=config.CHECKOUT,
        env={**os.environ, **environment},
        capture_output=True,
        check=False,
    )
    if result.returncode:
        words = result.stderr.decode(errors="replace").strip()
        raise SandboxError(f"git {arguments[0]} failed: {words}")
    return result.stdout


def require_clean():
    """Raise a sentence when something in the checkout is not committed."""
    if changed := _git("status", "--porcelain").decode().splitlines():
        raise SandboxError(
            "A release is made of what is committed, and this is not: "
            f"{', '.join(line[3:] for line in changed)}. Commit or remove it."
        )


def snapshot():
    """Return git's name for the checkout as it is now, with all that is uncommitted."""
    with tempfile.TemporaryDirectory() as folder:
        index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        _git("read-tree", "HEAD", **index)
        _git("add", "--all", **index)
        return _git("write-tree", **index).decode().strip()


@contextlib.contextmanager
def checked_out(revision):
    """Give a folder with all files of a revision, those that are not shipped, too."""
    with (
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryDirectory() as aside,
    ):
        index = {"GIT_INDEX_FILE": str(Path(aside) / "index")}
        _git("read-tree", revision, **index)
        _git("checkout-index", "--all", f"--prefix={folder}/", **index)
        yield Path(folder)


def export(revision, folder):
    """Unpack the addon of a revision into a folder; return the addon's own folder."""
    archive = Path(folder) / "addon.tar"
    prefix = f"--prefix={config.ADDON}/"
    _git("archive", "--format=tar", prefix, "--output", archive, revision)
    with tarfile.open(archive) as tar:
        unpack(tar, folder)
    archive.unlink()
    return Path(folder) / config.ADDON


def unpack(tar, folder):
    """Unpack an archive of our own; Python before 3.11.4, as in Debian 12, has no
    filters for those of others."""
    options = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
    tar.extractall(folder, **options)


# ----------------------------------------------------------------------
# WHAT IS IN IT
# ----------------------------------------------------------------------


def manifest(addon):
    """Return the manifest of an addon's folder."""
    return ast.literal_eval((addon / "__manifest__.py").read_text(encoding="utf-8"))


def unlisted(addon):
    """What a customer would get and not need."""
    return [
        f"{path.name}: name it in .gitattributes or in SHIPPED (dev/sandbox/package.py)"
        for path in sorted(addon.iterdir())
        if path.name not in SHIPPED
    ]


def missing(addon):
    """What the manifest names and a customer would not get."""
    stated = manifest(addon)
    files = [*stated["data"], *stated["demo"], *stated["images"]]
    files += ["static/description/icon.png", "static/description/index.html"]
    bundles = [glob for globs in stated["assets"].values() for glob in globs]
    absent = [name for name in files if not (addon / name).is_file()]
    absent += [glob for glob in bundles if not any(addon.parent.glob(glob))]
    return [f"{name}: in the manifest, but not in the addon" for name in absent]


def dead_links(addon):
    """Links of the shipped pages that lead to nothing that is shipped."""
    return [
        f"{page.relative_to(addon)}: {target}"
        for page in sorted([*addon.glob("*.md"), *addon.glob("doc/*.md")])
        for target in LINK.findall(CODE_BLOCK.sub("", page.read_text("utf-8")))
        if "://" not in target and not (page.parent / target).exists()
    ]


CHECKS = unlisted, missing, dead_links


# ----------------------------------------------------------------------
# ZIP AND WHEEL
# ----------------------------------------------------------------------


def build_zip(revision, folder):
    """Write the zip for the Apps store, one folder in it; return its path."""
    with tempfile.TemporaryDirectory() as scratch:
        version = manifest(export(revision, scratch))["version"]
    file = Path(folder) / f"{config.ADDON}-{version}.zip"
    prefix = f"--prefix={config.ADDON}/"
    _git("archive", "--format=zip", prefix, "--output", file, revision)
    return file


def build_wheel(revision, folder, log):
    """Write the wheel that pip installs into ``odoo/addons``; return its path.

    whool takes the addon's name from its folder, and from git which files are in it. A
    checkout may be called anything and holds more than the addon, so it gets a copy.
    """
    with tempfile.TemporaryDirectory() as scratch:
        command = [setup.python(), "-m", "pip", "wheel", "--no-deps"]
        command += ["--no-build-isolation", "--wheel-dir", scratch]
        run(
            [*command, export(revision, scratch)],
            title="Building the wheel",
            log=log,
            remedy="Read the log, mend the cause and start again.",
            cwd=scratch,
            env={**os.environ, "GIT_CEILING_DIRECTORIES": scratch},
        )
        (built,) = Path(scratch).glob("*.whl")
        file = Path(folder) / built.name
        file.write_bytes(built.read_bytes())
    return file


def contents(file):
    """Return {path in the addon: checksum} of what a zip or a wheel installs."""
    with zipfile.ZipFile(file) as archive:
        return {
            info.filename.partition(f"{config.ADDON}/")[2]: info.CRC
            for info in archive.infolist()
            if f"{config.ADDON}/" in info.filename and not info.is_dir()
        }
