"""What lint says of who imports whom, as the docstrings of the rooms of tools/ say it.

A room of tools/ ends its docstring with "May call ``mail`` and ``runtime``." or with
"Imports nothing of the other rooms."
"""

import ast
import re
from pathlib import Path

TOOLS = "tools"
SENTENCE = re.compile(
    r"May call (?P<rooms>[^.]+)\.|Imports nothing of the other rooms\."
)
ROOM = re.compile(r"``(\w+)``")
# From the ground up; whatever stands in no layer may import all of them.
LAYERS = (("tools",), ("models",), ("wizards", "controllers", "cli", "listener"))


def _imports(tree):
    """Yield every import of a file, also one inside a function or behind a test."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node


def _targets(path, node):
    """Yield where an import leads, as parts below the addon; () from outside.

    ``from ..mail import addresses`` in ``tools/servers/imap.py`` leads to
    ``("tools", "mail", "addresses")``.
    """
    if isinstance(node, ast.ImportFrom) and node.level:
        package = Path(path).parent.parts
        origin = package[: len(package) - node.level + 1]
        origin += tuple(node.module.split(".")) if node.module else ()
        for alias in node.names:
            yield (*origin, alias.name)


def _names(node):
    """Yield the absolute names that an import asks for."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif not node.level:
        yield node.module


# ----------------------------------------------------------------------
# CHECKS
# ----------------------------------------------------------------------


def odoo_in_tools(structure):
    """Files of tools/ that import Odoo: they must be usable without it."""
    return [
        f"{path}:{node.lineno} imports {name}: tools/ knows no Odoo"
        for path, tree in structure.files.items()
        if Path(path).parts[0] == TOOLS
        for node in _imports(tree)
        for name in _names(node)
        if name.partition(".")[0] == "odoo"
    ]


def rooms_of_tools(structure):
    """Rooms of tools/ that import a room which their docstring does not name."""
    allowed = {
        Path(path).parts[1]: _allowed(tree)
        for path, tree in structure.files.items()
        if re.fullmatch(rf"{TOOLS}/\w+/__init__\.py", path)
    }
    offences = [
        f"{TOOLS}/{room}/__init__.py does not say which rooms it may call"
        for room, rooms in allowed.items()
        if rooms is None
    ]
    for path, tree in structure.files.items():
        room = Path(path).parts[1] if path.startswith(f"{TOOLS}/") else ""
        for node in _imports(tree) if room in allowed else ():
            for target in _targets(path, node):
                called = target[1] if target[:1] == (TOOLS,) and target[1:] else room
                if called in allowed and called not in {room, *(allowed[room] or ())}:
                    offences.append(
                        f"{path}:{node.lineno} imports {called}, "
                        f"which {TOOLS}/{room}/__init__.py does not name"
                    )
    return offences


def _allowed(tree):
    """Return the rooms that a room may call, None where it says nothing of it."""
    sentence = SENTENCE.search(" ".join((ast.get_docstring(tree) or "").split()))
    return sentence and ROOM.findall(sentence["rooms"] or "")


def layers(structure):
    """Files that import what stands above them: wizards, cli -> models -> tools."""
    height = {name: at for at, names in enumerate(LAYERS) for name in names}
    return [
        f"{path}:{node.lineno} imports {target[0]}/, which stands above it"
        for path, tree in structure.files.items()
        if (own := height.get(Path(path).parts[0])) is not None
        for node in _imports(tree)
        for target in _targets(path, node)
        if target and height.get(target[0], -1) > own
    ]


CHECKS = (odoo_in_tools, rooms_of_tools, layers)
