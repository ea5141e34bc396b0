"""What can be counted of the addon's build from its syntax trees, without Odoo.

A *slice* is one class body that defines a model or extends it. Slices are in the order
of their import, in which a later one overrides an earlier one.
"""

import ast
import itertools
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

SHIPPED = (
    "models",
    "tools",
    "wizards",
    "controllers",
    "cli",
    "listener",
    "migrations",
    "hooks.py",
)
MODEL_BASES = {"Model", "TransientModel", "AbstractModel"}
# Methods whose result is of the model that they are called on.
SAME_MODEL = {
    "browse",
    "concat",
    "create",
    "exists",
    "filtered",
    "filtered_domain",
    "new",
    "search",
    "sorted",
    "sudo",
    "try_lock_for_update",
    "union",
    "with_company",
    "with_context",
    "with_env",
    "with_prefetch",
    "with_user",
}
# What the ORM does of itself: nobody follows a call of these into the addon's own
# hooks to understand the caller.
ORM_METHODS = {"create", "read", "search", "unlink", "write"}
# How the docstring of a room in models/ names two overrides of one method.
PAIR = re.compile(r"^- ([\w.]+)\.(\w+):\s+([\w.]+) < ([\w.]+)$", re.MULTILINE)


@dataclass(frozen=True, eq=False)
class Slice:
    """A class body: the model it defines or extends, where, and its methods.

    :param path: of the file, from the addon's folder, with slashes
    :param parents: the models that it inherits besides its own
    """

    model: str
    path: str
    line: int
    parents: tuple[str, ...] = ()
    methods: dict[str, ast.FunctionDef] = field(default_factory=dict)

    @property
    def module(self):
        """The module's name below models/, as the rooms write it."""
        parts = Path(self.path).with_suffix("").parts
        return ".".join(parts[1:] if parts[0] == "models" else parts)

    @property
    def room(self):
        """The folder of the file."""
        return str(Path(self.path).parent)

    def __str__(self):
        return f"{self.path}:{self.line}"


@dataclass(frozen=True)
class Pair:
    """Two overrides of one method on one model, the one imported first as ``base``."""

    method: str
    base: Slice
    override: Slice

    def __str__(self):
        model, room = self.override.model, Path(self.override.room).name
        base, override = (
            one.module.removeprefix(f"{room}.") for one in (self.base, self.override)
        )
        return f"{model}.{self.method}: {base} < {override}"


@dataclass
class Walk:
    """A reader's way along the methods that a method calls, each read once.

    :param moves: [(caller's file, called file, method, whether that file was seen
        before)] of the calls that lead into another file
    :param methods: how many were read
    """

    moves: list[tuple[str, str, str, bool]] = field(default_factory=list)
    methods: int = 0

    @property
    def returns(self):
        """How many moves lead into a file that was seen before."""
        return sum(seen for *_places, seen in self.moves)


# ----------------------------------------------------------------------
# READING
# ----------------------------------------------------------------------


def _constant(node):
    """Return the value of a literal, None for what is computed."""
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


def _slice(path, node):
    """Return the :class:`Slice` of a class, None when it is no model's."""
    bases = {getattr(base, "attr", getattr(base, "id", "")) for base in node.bases}
    if not bases & MODEL_BASES:
        return None
    values = {
        one.targets[0].id: _constant(one.value)
        for one in node.body
        if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name)
    }
    inherit = values.get("_inherit") or ()
    inherit = (inherit,) if isinstance(inherit, str) else tuple(inherit)
    model = values.get("_name") or next(iter(inherit), None)
    if not model:
        return None
    methods = {one.name: one for one in node.body if isinstance(one, ast.FunctionDef)}
    parents = tuple(one for one in inherit if one != model)
    return Slice(model, path, node.lineno, parents, methods)


class _Importer:
    """Goes through the addon's modules as Python does when it imports the addon."""

    def __init__(self, files):
        self.files = files
        self.seen = set()
        self.slices = []

    def _path(self, parts):
        name = "/".join(parts)
        candidates = (f"{name}.py", f"{name}/__init__.py".lstrip("/"))
        return next((path for path in candidates if path in self.files), None)

    def load(self, parts):
        """Import a module, given by the parts of its name below the addon.

        Packages above it are imported first.
        """
        path = self._path(parts)
        if path is None or path in self.seen:
            return
        if parts:
            self.load(parts[:-1])
        if path in self.seen:
            return
        self.seen.add(path)
        package = parts if path.endswith("__init__.py") else parts[:-1]
        for node in self.files[path].body:
            if isinstance(node, ast.ImportFrom) and node.level:
                self._load_from(package, node)
            elif isinstance(node, ast.ClassDef) and (found := _slice(path, node)):
                self.slices.append(found)

    def _load_from(self, package, node):
        above = node.level - 1
        if above > len(package):
            return
        origin = package[: len(package) - above]
        origin += tuple(node.module.split(".")) if node.module else ()
        self.load(origin)
        for alias in node.names:
            self.load((*origin, alias.name))


# ----------------------------------------------------------------------
# COUNTING
# ----------------------------------------------------------------------


class Structure:
    """The addon's files below a folder, and what follows from them."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.files = {
            path.relative_to(self.folder).as_posix(): ast.parse(
                path.read_text(encoding="utf-8")
            )
            for path in self._python("__init__.py", *SHIPPED)
        }
        importer = _Importer(self.files)
        importer.load(())
        self.slices = importer.slices

    def _python(self, *names):
        """Yield the Python files below these folders, sorted."""
        for name in names:
            path = self.folder / name
            yield from (
                sorted(path.rglob("*.py"))
                if path.is_dir()
                else ([path] if path.exists() else [])
            )

    @cached_property
    def _defining(self):
        """{method name: {model: [Slice]}}"""
        found = defaultdict(lambda: defaultdict(list))
        for one in self.slices:
            for name in one.methods:
                found[name][one.model].append(one)
        return found

    def slices_of(self, model):
        """Return the slices of a model in the order of their import."""
        return [one for one in self.slices if one.model == model]

    def defining(self, model, name):
        """Return the slices that define a model's method, else those of its parents."""
        if found := self._defining[name].get(model):
            return found
        parents = {parent for one in self.slices_of(model) for parent in one.parents}
        return [
            one for parent in parents for one in self._defining[name].get(parent, ())
        ]

    # ------------------------------------------------------------------
    # CALLS
    # ------------------------------------------------------------------

    def _model_named(self, name, word):
        """Return the one model that defines a method and is named by a variable."""
        models = self._defining[name]
        word = re.sub(r"(_ids?|s)$", "", word)
        fitting = [model for model in models if model.rpartition(".")[2] == word]
        if len(fitting) == 1:
            return fitting[0]
        if name.startswith("_") and len(models) == 1:
            return next(iter(models))
        return None

    def _model_of(self, node, model, name):
        """Return the model of an expression, None when the source does not tell.

        :param model: the model whose method holds the expression
        :param name: the method that is called on it
        """
        if isinstance(node, ast.Name):
            if node.id in {"self", "cls"}:
                return model
            return self._model_named(name, node.id)
        if isinstance(node, ast.Subscript):
            if getattr(node.value, "attr", getattr(node.value, "id", "")) == "env":
                return _constant(node.slice)
            return self._model_of(node.value, model, name)
        if isinstance(node, ast.Call):
            if getattr(node.func, "id", "") == "super":
                return model
            if getattr(node.func, "attr", "") in SAME_MODEL:
                return self._model_of(node.func.value, model, name)
        return self._model_named(name, getattr(node, "attr", ""))

    def called(self, one, method):
        """Return what a slice's method calls of the addon, each once, in reading order.

        :return: [(method name, [defining slices], whether it is called by super())]
        """
        nodes = [
            node
            for node in ast.walk(one.methods[method])
            if isinstance(node, ast.Attribute)
            and node.attr in self._defining
            and node.attr not in ORM_METHODS
        ]
        nodes.sort(key=lambda node: (node.end_lineno, node.end_col_offset))
        found = {}
        for node in nodes:
            model = self._model_of(node.value, one.model, node.attr)
            if model and (slices := self.defining(model, node.attr)):
                inner = getattr(getattr(node.value, "func", None), "id", "") == "super"
                found[node.attr, model, inner] = (node.attr, slices, inner)
        return list(found.values())

    def arrows(self, model):
        """Return what a model's slices call of each other; of overrides, the base.

        :return: {(slice, slice that it calls): {called method}}
        """
        own = self.slices_of(model)
        found = defaultdict(set)
        for one in own:
            for method in one.methods:
                for name, slices, _inner in self.called(one, method):
                    if slices[0] in own and slices[0] is not one:
                        found[one, slices[0]].add(name)
        return dict(found)

    def circles(self, model):
        """Return the circles of a model's slices, the largest first.

        :return: lists of two and more slices that all reach each other
        """
        arrows = defaultdict(set)
        for start, end in self.arrows(model):
            arrows[start].add(end)
        reached = {one: _reachable(one, arrows) for one in self.slices_of(model)}
        circles = {
            frozenset(other for other in ends if one in reached[other])
            for one, ends in reached.items()
            if one in ends
        }
        ordered = [sorted(circle, key=self.slices.index) for circle in circles]
        return sorted(ordered, key=lambda circle: (-len(circle), circle[0].path))

    def walk(self, model, method):
        """Return the :class:`Walk` from a method, depth first."""
        result, read, files = Walk(), set(), set()

        def visit(one, name):
            read.add((one, name))
            files.add(one.path)
            for called, slices, inner in self.called(one, name):
                # The last that is imported runs first, and calls the one before it.
                target = slices[-1]
                if inner and one in slices:
                    if one is slices[0]:
                        continue
                    target = slices[slices.index(one) - 1]
                if target.path != one.path:
                    seen = target.path in files
                    result.moves.append((one.path, target.path, called, seen))
                if (target, called) not in read:
                    visit(target, called)

        visit(self.defining(model, method)[-1], method)
        result.methods = len(read)
        return result

    # ------------------------------------------------------------------
    # COUNTS
    # ------------------------------------------------------------------

    def pairs(self):
        """Return a :class:`Pair` for each method and two slices next in order."""
        return [
            Pair(method, base, override)
            for method, models in sorted(self._defining.items())
            for slices in models.values()
            for base, override in itertools.pairwise(slices)
        ]

    def functions(self):
        """Return [(lines, place, name)] of all functions, the longest first."""
        found = [
            (node.end_lineno - node.lineno + 1, f"{path}:{node.lineno}", node.name)
            for path, tree in self.files.items()
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        ]
        return sorted(found, reverse=True)

    def lines(self, *names):
        """Return {path: lines} of the Python files below these folders."""
        return {
            path.relative_to(self.folder).as_posix(): len(
                path.read_text(encoding="utf-8").splitlines()
            )
            for path in self._python(*names)
        }

    def files_per_folder(self, name):
        """Return {folder: files} below a folder, without the ``__init__`` files."""
        return Counter(
            str(Path(path).parent)
            for path in self.lines(name)
            if not path.endswith("__init__.py")
        )


def _reachable(start, arrows):
    """Return everything that arrows lead to from a start."""
    found, waiting = set(), [start]
    while waiting:
        new = arrows[waiting.pop()] - found
        found |= new
        waiting += new
    return found
