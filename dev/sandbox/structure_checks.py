"""What lint says of the addon's build: each check returns its offences as sentences."""

import ast
import json
import re
import shutil
import subprocess
from collections import Counter, defaultdict
from pathlib import Path

from . import config
from .progress import SandboxError
from .structure import PAIR

MESSAGE = "mail.catchall.message"
LONGEST_METHOD = 34
OWN_MODELS = "mail_catchall_"
# What stays behind when the addon is installed, and the tests: they may name the addon.
NOT_INSTALLED = (".*", "__pycache__", "bench", "dev", "e2e", "tests")
MERGE = "consider-merging-classes-inherited"
MERGE_TEXT = re.compile(
    r'classes inherited to "(?P<model>[^"]+)" from (?P<places>.+)\.$'
)


# ----------------------------------------------------------------------
# FROM THE SYNTAX TREES
# ----------------------------------------------------------------------


def circles(structure):
    """Slices of the message that call each other in a circle."""
    arrows = structure.arrows(MESSAGE)
    offences = []
    for circle in structure.circles(MESSAGE):
        ways = [
            f"{start.path} -> {end.path} ({', '.join(sorted(methods))})"
            for (start, end), methods in arrows.items()
            if {start, end} <= {*circle}
        ]
        offences.append(f"{MESSAGE} goes round in a circle: {'; '.join(sorted(ways))}")
    return offences


def overrides(structure):
    """Two overrides of one method that the later one's room does not name, and back."""
    named = Counter(_named_pairs(structure))
    found = Counter((pair.override.room, str(pair)) for pair in structure.pairs())
    offences = [
        f"Two methods where one is enough: merge {line} "
        f"or name it in {room}/__init__.py under 'Overrides that depend on the order:'"
        for room, line in found - named
    ]
    return offences + [
        f"{room}/__init__.py names {line}, which is not so (any more)"
        for room, line in named - found
    ]


def _named_pairs(structure):
    """Yield (room, pair as a line) of what the docstrings of the rooms name."""
    for path, tree in structure.files.items():
        if path.endswith("/__init__.py"):
            for model, method, base, override in PAIR.findall(
                ast.get_docstring(tree) or ""
            ):
                room = str(Path(path).parent)
                yield room, f"{model}.{method}: {base} < {override}"


def long_methods(structure):
    """Methods and functions with more lines than a reader keeps in sight."""
    return [
        f"{place}: {name} has {lines} lines, {LONGEST_METHOD} are enough"
        for lines, place, name in structure.functions()
        if lines > LONGEST_METHOD
    ]


def test_names(structure):
    """Test files of one name: of two, Odoo's loader runs one and says nothing."""
    places = defaultdict(list)
    for path in structure.lines("tests"):
        if Path(path).name.startswith("test_"):
            places[Path(path).name].append(path)
    return [
        f"Odoo runs only one of these test files: {', '.join(paths)}"
        for paths in places.values()
        if len(paths) > 1
    ]


def unloaded_tests(structure):
    """Test files that their folder does not import: Odoo never runs them."""
    offences = []
    for path in structure.lines("tests"):
        name = Path(path)
        if not name.name.startswith("test_"):
            continue
        loader = structure.folder / name.parent / "__init__.py"
        if name.stem not in _imported(loader):
            offences.append(f"Odoo never runs {path}: its folder does not import it")
    return offences


def _imported(path):
    """Return the names that a package imports from itself."""
    tree = (
        ast.parse(path.read_text(encoding="utf-8")) if path.exists() else ast.Module()
    )
    return {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level == 1 and not node.module
        for alias in node.names
    }


def doubled_slices(structure):
    """Two classes of one model in one file."""
    counts = Counter((one.path, one.model) for one in structure.slices)
    return [
        f"{path} has {count} classes of {model}: make them one"
        for (path, model), count in counts.items()
        if count > 1
    ]


CHECKS = (circles, overrides, long_methods, test_names, unloaded_tests, doubled_slices)


# ----------------------------------------------------------------------
# FROM PYLINT, WHICH LOOKS AT THE ADDON AS IT IS INSTALLED
# ----------------------------------------------------------------------


def install(checkout, folder):
    """Copy the addon into a folder of addons and return where it is.

    pylint-odoo looks for the manifest in the folders between a file and the top, and
    not at the top: in the checkout itself it finds none, and what it says of a whole
    addon it never says.
    """
    target = Path(folder) / config.ADDON
    shutil.copytree(checkout, target, ignore=shutil.ignore_patterns(*NOT_INSTALLED))
    return target


def pylint(program, addon, *options):
    """Return pylint's messages about an installed addon, as its json2 has them.

    :raise SandboxError: where pylint says nothing that can be read
    """
    result = subprocess.run(
        [program, *options, "--output-format=json2", addon.name],
        cwd=addon.parent,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        return json.loads(result.stdout)["messages"]
    except ValueError:
        raise SandboxError(f"pylint:\n{result.stdout}{result.stderr}") from None


def complaints(messages):
    """What pylint says but R8180, which other checks read."""
    return [
        "{path}:{line}: [{messageId}({symbol}), {obj}] {message}".format(**one)
        for one in messages
        if one["symbol"] != MERGE
    ]


def _merges(messages):
    """Yield (model, [file of each class that extends it]) of what R8180 reports."""
    for one in messages:
        if one["symbol"] == MERGE:
            match = MERGE_TEXT.search(one["message"])
            places = [place.rsplit(":", 2)[0] for place in match["places"].split(", ")]
            yield match["model"], sorted([one["path"], *places])


def split_models(messages):
    """R8180: a model that is extended twice in one file."""
    return [
        f"{path} extends {model} {count} times: make it one class"
        for model, paths in _merges(messages)
        for path, count in Counter(paths).items()
        if count > 1
    ]


def misplaced_slices(messages):
    """R8180: a model that is extended in several files, one not named after it.

    R8180 wants one class per model in all of an addon. Here a model may have a class in
    each of several files that say so by their name: ``mail_mail_retry.py``,
    ``message_queue.py``. Any other second class is one too many.
    """
    return [
        f"{path} extends {model}, which other files extend: merge them, or name the "
        "file after the model"
        for model, paths in _merges(messages)
        for path in dict.fromkeys(paths)
        if not _is_named_after(Path(path).stem, model)
    ]


def _is_named_after(stem, model):
    """Tell whether a file says by its name that it holds a slice of a model."""
    name = model.replace(".", "_")
    names = {name, name.removeprefix(OWN_MODELS)}
    return stem == name or any(stem.startswith(f"{one}_") for one in names)


INSTALLED_CHECKS = (complaints, split_models, misplaced_slices)
