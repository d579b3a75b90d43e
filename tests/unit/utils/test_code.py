"""The code that a result depends on, found from imports."""

import shutil
import sys

import pytest
import yaml

from helpers import ROOT
from organode.utils import code
from organode.utils.code import code_digest, deciding, deciding_files, libraries


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A package in which `work` imports modules in several ways."""
    for name, text in {
        "__init__": "from kitchen import face",
        "face": "",
        "work": "import json\nfrom kitchen.tools import knife\n"
        "def late():\n    import numpy\n    from kitchen import oven\n"
        "if TYPE_CHECKING:\n    from kitchen import guest",
        "tools/__init__": "import scipy.sparse",
        "tools/knife": "",
        "tools/spoon": "",
        "oven": "from kitchen.work import late",
        "guest": "",
    }.items():
        path = tmp_path / f"kitchen/{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    _forget()
    yield tmp_path / "kitchen"
    _forget()


def _forget():
    code.imports.cache_clear()
    code._read.cache_clear()
    code._file.cache_clear()


def test_only_imported_modules_decide(package):
    modules = {"work", "oven", "tools", "tools.knife"}
    assert deciding("kitchen.work") == {f"kitchen.{name}" for name in modules}
    assert libraries("kitchen.work") == {"scipy"}  # numpy is imported inside a function


def test_comments_docstrings_and_layout_do_not_count(package):
    for name, before, after in (
        ("oven", "x = 1", '"""Bakes."""\n\nx = 1  # loaf'),
        (
            "tools/knife",
            "def cut(a, b): return a",
            'def cut(\n    a, b\n):\n    "Cut."\n    return a',
        ),
        ("tools/knife", "class Knife:\n    'Cuts.'", "class Knife:\n    'Cuts bread.'"),
    ):
        (package / f"{name}.py").write_text(before)
        _forget()
        digest = code_digest("kitchen.work")
        (package / f"{name}.py").write_text(after)
        _forget()
        assert code_digest("kitchen.work") == digest, name
        (package / f"{name}.py").write_text(after + "\ny = 'text'")
        _forget()
        assert code_digest("kitchen.work") != digest, name


def test_digest_follows_code_and_tables(package):
    seen = [code_digest("kitchen.work")]
    for name, counts in {
        "tools/knife.py": True, "oven.py": True, "tools/table.csv": True, "tools/a.json": True,
        "guest.py": False, "tools/spoon.py": False, "tools/notes.txt": False,
    }.items():  # fmt: skip
        (package / name).write_text("1")
        _forget()
        seen.append(code_digest("kitchen.work"))
        assert (seen[-1] not in seen[:-1]) == counts, name
    assert code_digest("kitchen.work", more="9.1") not in seen


def changed(tmp_path, monkeypatch, name, module):
    """Return whether a change in a file of this package changes a module's digest."""
    before = code_digest(module)
    shutil.copytree(ROOT / "src/organode", tmp_path / "organode")
    with open(tmp_path / "organode" / name, "a") as stream:
        stream.write("CHANGED = True\n" if name.endswith(".py") else "\n")
    known = sys.modules.pop("organode")
    monkeypatch.syspath_prepend(tmp_path)
    _forget()
    try:
        return code_digest(module) != before
    finally:
        sys.modules["organode"] = known
        _forget()


@pytest.mark.parametrize(
    ("name", "module", "expected"),
    [
        ("chem/orbitals/centres.py", "organode.models.training_data", True),
        ("chem/orbitals/integrals.json", "organode.models.training_data", True),
        ("models/stored_features.py", "organode.models.training_data", True),
        ("cli/main.py", "organode.models.training_data", False),
        ("utils/progress.py", "organode.models.training_data", False),
        ("cli/main.py", "organode.models.predictor", False),
        ("utils/predictive.py", "organode.models.predictor", True),
        ("electrochemistry/scale/laboratory.py", "organode.library.read", False),
        ("chem/lewis/resonance.py", "organode.library.read", True),
    ],
)
def test_digest_changes_only_with_code_that_decides(tmp_path, monkeypatch, name, module, expected):
    assert changed(tmp_path, monkeypatch, name, module) == expected


STAGES = {
    name: stage
    for file in ("dvc.yaml", "data/packaged/dvc.yaml")
    for name, stage in yaml.safe_load((ROOT / file).read_text())["stages"].items()
    if stage["cmd"].startswith("organode ")
}
# The registered model decides, not the code that registers it.
REGISTERED = {
    "register": ("organode.models.predictor",),
    "register-stability": (
        "organode.electrochemistry.stability.chance",
        "organode.models.predictor",
    ),
}


@pytest.mark.parametrize(("name", "stage"), STAGES.items(), ids=STAGES)
def test_dependencies_in_dvc_yaml_are_the_imports_of_the_stage(name, stage):
    src = ROOT / "src"
    modules = REGISTERED.get(name, (f"organode.pipeline.{name}",))
    listed = {ROOT / path for path in stage["deps"] if path.startswith("src/")}
    if name in REGISTERED:
        listed.remove(src / "organode/tracking/registry")
    needed = [file for file in deciding_files(*modules) if file.is_relative_to(src)]
    missing = [
        str(file.relative_to(ROOT))
        for file in needed
        if not any(file.is_relative_to(path) for path in listed)
    ]
    assert missing == []
    idle = [
        str(path.relative_to(ROOT))
        for path in listed
        if not any(file.is_relative_to(path) for file in needed)
    ]
    assert idle == []
