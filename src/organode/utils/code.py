"""Find the code that a result depends on, by its imports, and compute a digest of that code.

If the digest has changed, the result may be out of date.
"""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

WITH_DOCSTRING = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
EMPTY = ast.dump(ast.Module([], [])).encode()
TABLES = (".json", ".csv")  # files beside modules: they hold numbers that the modules read
# Modules that only show, move or record results, so that a change of them outdates no result.
NOT_DECIDING = tuple(
    f"organode.{name}"
    for name in (
        "cli", "errors", "settings", "tracking", "utils.outputs", "utils.files", "utils.lazy",
        "utils.processes", "utils.progress", "utils.resources",
    )
)  # fmt: skip


@dataclass(frozen=True)
class Imports:
    """Full names that a module imports; ``from a import b`` counts as both `a` and `a.b`.

    Attributes
    ----------
    always : frozenset of str
        Names that are imported whenever the module is imported.
    sometimes : frozenset of str
        Names that are imported only inside functions of the module.
    """

    always: frozenset[str]
    sometimes: frozenset[str]


def code_digest(*modules: str, more: str = "") -> str:
    """Return the SHA-256 of all files that the results of some modules depend on.

    These files are those that `deciding_files` returns. Comments, docstrings and layout of Python
    code do not affect the SHA-256.

    Parameters
    ----------
    modules : str
        Full names of the modules, such as ``organode.models.predictor``.
    more : str
        Text that affects the SHA-256 too, such as the version of a library.
    """
    total = hashlib.sha256(more.encode())
    for file in deciding_files(*modules):
        total.update(f"\n{file.name}\n".encode())
        total.update(_read(file).statements if file.suffix == ".py" else file.read_bytes())
    return total.hexdigest()


def deciding_files(*modules: str) -> list[Path]:
    """Return the source files that the results of some modules depend on, sorted.

    They are the files of the modules that `deciding` returns, and the JSON and CSV files in the
    folders of these modules. A folder of which only ``__init__.py`` is among the modules does not
    count. An ``__init__.py`` that holds only a docstring is left out.
    """
    files = [_file(name) for name in deciding(*modules)]
    own = {file for file in files if file is not None and not _is_docstring(file)}
    folders = {file.parent for file in own if file.name != "__init__.py"}
    return sorted(
        own | {file for folder in folders for file in folder.iterdir() if file.suffix in TABLES}
    )


def deciding(*modules: str) -> set[str]:
    """Return the names of `modules`, and of the modules that their results depend on.

    The latter are all modules of the same package that `modules` import, directly or indirectly,
    also inside functions. The modules in `NOT_DECIDING`, which affect no result, are left out.
    """
    return _reached(modules, lambda imported: imported.always | imported.sometimes, NOT_DECIDING)


def libraries(*modules: str) -> set[str]:
    """Return the third-party packages, such as ``numpy``, that are needed to import `modules`."""
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
        # A package's __init__ runs before its modules. That of the outermost package is left out,
        # since it only offers public names.
        outer = module.rpartition(".")[0]
        if "." in outer:
            waiting.append(outer)
    return reached


@cache
def imports(module: str) -> Imports:
    """Return the imports of a module, without the imports below ``if TYPE_CHECKING``.

    Raises
    ------
    ModuleNotFoundError
        If there is no module of this name.
    """
    file = _file(module)
    if file is None:
        raise ModuleNotFoundError(f"no module {module}")
    return _read(file).imports


@dataclass(frozen=True)
class _Source:
    """Imports of a module, and its syntax tree as text, without docstrings (`statements`)."""

    imports: Imports
    statements: bytes


@cache
def _read(file: Path) -> _Source:
    always: set[str] = set()
    sometimes: set[str] = set()
    tree = ast.parse(file.read_bytes())
    for name, inside in _imports(tree, inside=False):
        (sometimes if inside else always).add(name)
    _remove_docstrings(tree)
    found = Imports(frozenset(always), frozenset(sometimes - always))
    return _Source(found, ast.dump(tree).encode())


def _imports(node: ast.AST, *, inside: bool) -> Iterator[tuple[str, bool]]:
    """Yield each imported name below a syntax tree's node, and whether a function imports it."""
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
        for child in _blocks(node):
            yield from _imports(child, inside=inside)


def _remove_docstrings(node: ast.AST) -> None:
    if isinstance(node, WITH_DOCSTRING) and ast.get_docstring(node, clean=False) is not None:
        del node.body[0]
    for child in _blocks(node):
        _remove_docstrings(child)


def _blocks(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the statements directly inside a node of a syntax tree.

    Expressions are not visited: they hold no imports, and there are ten times as many of them.
    """
    for name in ("body", "orelse", "handlers", "finalbody", "cases"):
        yield from getattr(node, name, ())


def _is_docstring(file: Path) -> bool:
    """Return whether a file is an ``__init__.py`` that holds nothing but a docstring."""
    return file.name == "__init__.py" and _read(file).statements == EMPTY


@cache
def _file(module: str) -> Path | None:
    """Return the file of a module; None if there is no module of this name."""
    package, *inner = module.split(".")
    outermost = find_spec(package)
    if outermost is None or not outermost.submodule_search_locations:
        return None
    path = Path(outermost.submodule_search_locations[0]).joinpath(*inner)
    candidates = (path / "__init__.py", path.with_suffix(".py") if inner else path)
    return next((file for file in candidates if file.is_file()), None)
