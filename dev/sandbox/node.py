"""Packages of npm that tests need: each is installed once, into the cache."""

import shutil
import subprocess

from . import config

INSTALL_SECONDS = 300


def ensure(package):
    """Return the folder in which a package can be required, or None where there is no
    Node.js, or npm does not get it.

    :param package: name and version, "name@1.2.3"
    """
    folder = config.cache() / "node"
    name = package.rpartition("@")[0]
    if not shutil.which("node"):
        return None
    if (folder / "node_modules" / name).exists() or _install(folder, package):
        return folder
    return None


def _install(folder, package):
    npm = shutil.which("npm")
    if not npm:
        return False
    folder.mkdir(parents=True, exist_ok=True)
    command = [npm, "install", "--no-audit", "--no-fund", "--prefix", folder, package]
    try:
        subprocess.run(
            command, capture_output=True, check=True, timeout=INSTALL_SECONDS
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return True
