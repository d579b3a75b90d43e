"""The code that a result depends on, found from imports: its digest marks outdated results."""

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
# Code that shows, moves or records results and cannot change them. All other code counts.
NOT_DECIDING = tuple(
    f"organode.{name}"
    for name in (
        "cli", "errors", "settings", "tracking", "utils.outputs", "utils.files", "utils.lazy",
        "utils.processes", "utils.progress", "utils.resources",
    )
)  # fmt: skip


@dataclass(frozen=True)
class Imports:
    """The imports of a module, by full names; for ``from a import b``, both `a` and `a.b`.

    Attributes
    ----------
    always, sometimes : frozenset of str
        At the module's own import; only inside its functions.
    """

    always: frozenset[str]
    sometimes: frozenset[str]


def code_digest(*modules: str, more: str = "") -> str:
    """Return the SHA-256 of modules, of all modules that they depend on, and of their tables.

    Parameters
    ----------
    modules : str
        Such as ``organode.models.predictor``.
    more : str
        Anything else that results depend on, such as the version of a library.
    """
    total = hashlib.sha256(more.encode())
    for file in deciding_files(*modules):
        total.update(f"\n{file.name}\n".encode())
        total.update(file.read_bytes())
    return total.hexdigest()


def deciding_files(*modules: str) -> list[Path]:
    """Return the files of the modules `deciding`, and the tables in their folders.

    The tables of a package count if any of its modules besides ``__init__`` does.
    """
    files = [_file(name) for name in deciding(*modules)]
    own = {file for file in files if file is not None and not _is_docstring(file)}
    folders = {file.parent for file in own if file.name != "__init__.py"}
    return sorted(
        own | {file for folder in folders for file in folder.iterdir() if file.suffix in TABLES}
    )


def deciding(*modules: str) -> set[str]:
    """Return the modules that the results of some modules depend on, these included.

    They are the imports, direct and indirect, inside functions too, of the same package and without
    `NOT_DECIDING`.
    """
    return _reached(modules, lambda imported: imported.always | imported.sometimes, NOT_DECIDING)


def libraries(*modules: str) -> set[str]:
    """Return the third-party packages that have to be installed to import some modules."""
    reached = _reached(modules, lambda imported: imported.always, ())
    names = {name.split(".")[0] for module in reached for name in imports(module).always}
    return names - {module.split(".")[0] for module in modules} - sys.stdlib_module_names


def _reached(
    modules: Iterable[str], select: Callable[[Imports], Iterable[str]], excluded: tuple[str, ...]
) -> set[str]:
    reached: set[str] = set()
    waiting = list(modules)
    while waiting:
        module = waiting.pop()
        if module in reached or _file(module) is None:
            continue
        if any(module == name or module.startswith(f"{name}.") for name in excluded):
            continue
        reached.add(module)
        package = module.split(".")[0] + "."
        waiting += (name for name in select(imports(module)) if name.startswith(package))
        # A package's __init__ runs before its modules; the outermost only offers public names.
        outer = module.rpartition(".")[0]
        if "." in outer:
            waiting.append(outer)
    return reached


@cache
def imports(module: str) -> Imports:
    """Return the imports of a module, without those that are only for the type checker."""
    always: set[str] = set()
    sometimes: set[str] = set()
    file = _file(module)
    if file is None:
        raise ModuleNotFoundError(f"no module {module}")
    for name, inside in _imports(ast.parse(file.read_bytes()), inside=False):
        (sometimes if inside else always).add(name)
    return Imports(frozenset(always), frozenset(sometimes - always))


def _imports(node: ast.AST, *, inside: bool) -> Iterator[tuple[str, bool]]:
    """Yield the names of imported modules, and whether the import is inside a function."""
    if isinstance(node, ast.Import):
        yield from ((alias.name, inside) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        if node.level or node.module is None:
            raise ImportError(f"a relative import is not followed: {ast.unparse(node)}")
        yield node.module, inside
        yield from ((f"{node.module}.{alias.name}", inside) for alias in node.names)
    elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        for statement in node.orelse:
            yield from _imports(statement, inside=inside)
    else:
        inside = inside or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for child in ast.iter_child_nodes(node):
            yield from _imports(child, inside=inside)


def _is_docstring(file: Path) -> bool:
    """Tell whether a file is a package's ``__init__`` that holds only a docstring, as most do."""
    if file.name != "__init__.py":
        return False
    texts = [
        getattr(getattr(statement, "value", None), "value", None)
        for statement in ast.parse(file.read_bytes()).body
    ]
    return all(isinstance(text, str) for text in texts)


@cache
def _file(module: str) -> Path | None:
    """Return a module's file; None if there is no such module: the name is a function, say."""
    package, *inner = module.split(".")
    outermost = find_spec(package)
    if outermost is None or not outermost.submodule_search_locations:
        return None
    path = Path(outermost.submodule_search_locations[0]).joinpath(*inner)
    candidates = (path / "__init__.py", path.with_suffix(".py") if inner else path)
    return next((file for file in candidates if file.is_file()), None)
