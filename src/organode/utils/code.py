"""Which code decides a result: found from imports, so that results of former code are told."""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

TABLES = (".json", ".csv")  # in a package's folder: numbers that its modules read
# What shows, moves or records results and decides none. All other code counts.
APART = tuple(
    f"organode.{name}"
    for name in (
        "cli", "errors", "settings", "tracking", "utils.cores", "utils.files", "utils.lazy",
        "utils.processes", "utils.progress", "utils.resources",
    )
)  # fmt: skip


@dataclass(frozen=True)
class Imports:
    """What one module imports, by full names; of ``from a import b``, both `a` and `a.b`.

    Attributes
    ----------
    always, sometimes : frozenset of str
        When it is imported itself; only inside its functions.
    """

    always: frozenset[str]
    sometimes: frozenset[str]


def code_digest(*modules: str, more: str = "") -> str:
    """Return the SHA-256 of modules, all that decides what they do, and its tables.

    Parameters
    ----------
    modules : str
        Such as ``organode.models.predictor``.
    more : str
        What else decides, such as the version of a library.
    """
    total = hashlib.sha256(more.encode())
    for file in deciding_files(*modules):
        total.update(f"\n{file.name}\n".encode())
        total.update(file.read_bytes())
    return total.hexdigest()


def deciding_files(*modules: str) -> list[Path]:
    """Return the files of the modules `deciding`, and the tables in the folders of such.

    A package of which nothing but its ``__init__`` counts reads no table.
    """
    files = [_file(name) for name in deciding(*modules)]
    own = {file for file in files if file is not None and not _is_docstring(file)}
    folders = {file.parent for file in own if file.name != "__init__.py"}
    return sorted(
        own | {each for folder in folders for each in folder.iterdir() if each.suffix in TABLES}
    )


def deciding(*modules: str) -> set[str]:
    """Return the modules that decide what these do, themselves included.

    They are what is imported anywhere in them, and what is imported there in turn: of the same
    package, and less `APART`.
    """
    return _reached(modules, lambda found: found.always | found.sometimes, APART)


def libraries(*modules: str) -> set[str]:
    """Return the packages of others that have to be installed before these can be imported."""
    found = _reached(modules, lambda found: found.always, ())
    names = {name.split(".")[0] for module in found for name in imports(module).always}
    return names - {module.split(".")[0] for module in modules} - sys.stdlib_module_names


def _reached(
    modules: Iterable[str], which: Callable[[Imports], Iterable[str]], apart: tuple[str, ...]
) -> set[str]:
    reached: set[str] = set()
    left = list(modules)
    while left:
        module = left.pop()
        if module in reached or _file(module) is None:
            continue
        if any(module == name or module.startswith(f"{name}.") for name in apart):
            continue
        reached.add(module)
        package = module.split(".")[0] + "."
        left += (name for name in which(imports(module)) if name.startswith(package))
        # A package's __init__ runs before its modules; the outermost is a face and decides nothing.
        outer = module.rpartition(".")[0]
        if "." in outer:
            left.append(outer)
    return reached


@cache
def imports(module: str) -> Imports:
    """Return what a module imports, less what is only for the type checker."""
    always: set[str] = set()
    sometimes: set[str] = set()
    file = _file(module)
    if file is None:
        raise ModuleNotFoundError(f"no module {module}")
    for name, inside in _imports(ast.parse(file.read_bytes()), inside=False):
        (sometimes if inside else always).add(name)
    return Imports(frozenset(always), frozenset(sometimes - always))


def _imports(node: ast.AST, *, inside: bool) -> Iterator[tuple[str, bool]]:
    """Yield the names that are imported, and whether inside a function."""
    if isinstance(node, ast.Import):
        yield from ((each.name, inside) for each in node.names)
    elif isinstance(node, ast.ImportFrom):
        if node.level or node.module is None:
            raise ImportError(f"a relative import is not followed: {ast.unparse(node)}")
        yield node.module, inside
        yield from ((f"{node.module}.{each.name}", inside) for each in node.names)
    elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        for other in node.orelse:
            yield from _imports(other, inside=inside)
    else:
        inside = inside or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for each in ast.iter_child_nodes(node):
            yield from _imports(each, inside=inside)


def _is_docstring(file: Path) -> bool:
    """Return whether a package's ``__init__`` is nothing but its docstring, as most are."""
    if file.name != "__init__.py":
        return False
    texts = [
        getattr(getattr(each, "value", None), "value", None)
        for each in ast.parse(file.read_bytes()).body
    ]
    return all(isinstance(text, str) for text in texts)


@cache
def _file(module: str) -> Path | None:
    """Return a module's file; None where there is no such module, such as of an imported name."""
    package, *inner = module.split(".")
    outermost = find_spec(package)
    if outermost is None or not outermost.submodule_search_locations:
        return None
    path = Path(outermost.submodule_search_locations[0]).joinpath(*inner)
    candidates = (path / "__init__.py", path.with_suffix(".py") if inner else path)
    return next((each for each in candidates if each.is_file()), None)
