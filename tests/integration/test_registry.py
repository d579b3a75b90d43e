"""Register, promote, load and restore models in a real SQLite registry."""

import json
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from helpers import ROOT, environment, run_all, run_ok, set_params


def client(folder):
    from mlflow import MlflowClient

    return MlflowClient(f"sqlite:///{folder}/mlflow.db")


def champion(folder, target="IE"):
    version = client(folder).get_model_version_by_alias(f"organode-{target}", "champion")
    return str(version.version)


def register_worse(folder):
    """Train for two epochs only, and register the result as another version."""
    set_params(folder, "train.epochs=2")
    stages = ("train", "calibrate", "evaluate", "register")
    run_all(*([stage, "IE"] for stage in stages), cwd=folder)


@pytest.fixture(scope="module")
def worse(trained, tmp_path_factory):
    """A project with a second, worse version; not to be changed."""
    folder = Path(shutil.copytree(trained, tmp_path_factory.mktemp("worse") / "project"))
    register_worse(folder)
    return folder


def test_first_version_is_champion_with_its_story(trained):
    for target in ("IE", "EA"):
        version = client(trained).get_model_version(f"organode-{target}", "1")
        assert champion(trained, target) == "1"
        assert version.tags["organode.promoted"] == "first version"
        assert version.tags["organode.reference"] == "absolute"
        assert "IPEA1" in version.tags["organode.level_of_theory"]
        for heading in (
            "## Data",
            "## Errors",
            "## Error bars",
            "## Measured potentials",
            "## Use",
            "## References",
        ):
            assert heading in version.description
        assert "500 clean rows of 500" in version.description


def test_same_model_gets_no_second_version(project, called_ok):
    called_ok("register", "IE", cwd=project)
    assert len(client(project).search_model_versions("name = 'organode-IE'")) == 1


def test_loading_a_model_leaves_the_search_path_of_imports_unchanged(trained):
    # With its copy of the package in the path, other processes would work with that one.
    script = (
        "import sys; before = [*sys.path]\n"
        "from organode.tracking.registry.champions import champions\n"
        "champions(['IE']); assert sys.path == before, sys.path"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=trained,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_worse_model_is_promoted_only_by_force_and_can_be_rolled_back(
    worse, tmp_path, called, called_ok
):
    project = shutil.copytree(worse, tmp_path / "project")
    nothing = called("rollback", "IE", cwd=project)
    assert nothing.returncode == 1
    assert "nothing was promoted over another version" in nothing.stderr

    assert champion(project) == "1"
    refused = called("promote", "IE", cwd=project)
    assert refused.returncode == 1
    assert "is not better than the champion" in refused.stderr
    assert "95 % interval +" in refused.stderr
    shown = refused.stdout.splitlines()
    assert shown[0].split() == ["candidate", "champion"]
    errors = [float(number) for number in shown[1].split()[-2:]]
    assert errors[0] > errors[1]
    (measured,) = [line for line in shown if line.startswith("measured: MAE / V")]
    assert all(0 < float(number) < 1 for number in measured.split()[-2:])
    assert champion(project) == "1"

    without_reason = called("promote", "IE", "--force", cwd=project)
    assert without_reason.returncode == 2
    assert "--reason" in without_reason.stderr

    called_ok("promote", "IE", "--force", "--reason", "a test", cwd=project)
    assert champion(project) == "2"
    store = client(project)
    assert str(store.get_model_version_by_alias("organode-IE", "previous").version) == "1"
    story = store.get_model_version("organode-IE", "2").tags["organode.promoted"]
    assert story.endswith("UTC, over version 1: a test")

    said = called_ok("rollback", "IE", "--reason", "worse in the lab", cwd=project)
    assert "version 1 is now champion: rolled back: worse in the lab" in said.stdout
    assert champion(project) == "1"
    story = store.get_model_version("organode-IE", "1").tags["organode.promoted"]
    assert story.endswith("over version 2: rolled back: worse in the lab")

    again = called("rollback", "IE", cwd=project)
    assert again.returncode == 1
    assert "version 1 of organode-IE stays champion" in again.stderr
    assert champion(project) == "1"

    # By its errors the first version wins against the second.
    promoted = called_ok("promote", "IE", "--version", "2", "--force", "--reason", "x", cwd=project)
    assert "previous champions: 1" in promoted.stdout
    back = called_ok("promote", "IE", "--version", "1", cwd=project)
    assert "95 % interval -" in back.stdout
    assert "previous champions: 2" in back.stdout
    assert champion(project) == "1"


def test_models_of_other_data_or_reference_are_not_compared(worse, tmp_path, called):
    project = shutil.copytree(worse, tmp_path / "project")
    for tag, words in (("data_sha256", "different tables"), ("reference", "energy references")):
        client(project).set_model_version_tag("organode-IE", "2", f"organode.{tag}", "other")
        refused = called("promote", "IE", cwd=project)
        assert refused.returncode == 1
        assert words in refused.stderr
        assert champion(project) == "1"


def test_promotion_of_a_missing_version_is_rejected(project, tmp_path, called):
    wrong = called("promote", "IE", "--version", "7", cwd=project)
    assert wrong.returncode == 2
    assert "no version 7" in wrong.stderr
    nothing = called("promote", "IE", cwd=tmp_path)
    assert nothing.returncode == 1
    assert "organode register IE" in nothing.stderr


@pytest.mark.slow
def test_lost_database_is_rebuilt_from_the_tracked_models(project):
    (project / "mlflow.db").unlink()
    shutil.rmtree(project / "mlruns", ignore_errors=True)
    (project / "molecules.smi").write_text("c1ccccc1 benzene\n")
    run_ok("predict", "molecules.smi", "--out", "out.csv", cwd=project)
    assert {champion(project, name) for name in ("IE", "EA", "stability")} == {"1"}
    (run,) = client(project).search_runs(
        [client(project).get_experiment_by_name("organode-IE-models").experiment_id]
    )
    assert run.data.metrics["0_headline/test_mae"] > 0
    assert "learning_curve/valid_mae" in run.data.metrics
    assert {"measured/mae", "measured/covered", "measured/reversible/mae"} <= set(run.data.metrics)


WITHOUT_ORGANODE = """
import importlib.util, json, sys
from pathlib import Path

sys.path.append(sys.argv[1])
assert importlib.util.find_spec("organode") is None, "organode is still there"
import mlflow
import pandas as pd

mlflow.set_tracking_uri(sys.argv[2])
model = mlflow.pyfunc.load_model("models:/organode-EA@champion")
cells = pd.DataFrame({"smiles": ["O=C1C=CC(=O)C=C1", "junk", "", "CCO"]})
asked = ({}, {"level": 0.5}, {"reference": "SCE", "solvent": "DMF"})
answers = [model.predict(cells, params=params) for params in asked]
origin = {
    name: module.__file__ for name, module in sys.modules.items()
    if name.split(".")[0] == "organode" and module.__file__
}
lasting = mlflow.pyfunc.load_model("models:/organode-stability@champion").predict(cells)
print(json.dumps({
    "columns": list(answers[0].columns),
    "lasting": json.loads(lasting.to_json(orient="records")),
    "answers": [json.loads(answer.to_json(orient="records")) for answer in answers],
    "origin": origin,
    "heavy": sorted({"tensorflow", "keras", "optuna", "dvc", "tblite"} & set(sys.modules)),
    "requirements": Path(
        mlflow.pyfunc.get_model_dependencies("models:/organode-EA@champion")
    ).read_text().split(),
}))
"""


def test_registered_model_predicts_without_organode(trained, tmp_path):
    # All that is installed here but organode itself: no file of it, no .pth that leads to it.
    installed = tmp_path / "installed"
    installed.mkdir()
    for folder in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
        for entry in Path(folder).iterdir():
            if "organode" not in entry.name and entry.suffix != ".pth":
                (installed / entry.name).symlink_to(entry)
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", WITHOUT_ORGANODE, installed,
         f"sqlite:///{trained}/mlflow.db"],
        cwd=tmp_path, env=environment(), capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    # It works with the copy that was registered with it, and needs nothing that only trains.
    assert "organode.models.predictor" in said["origin"]
    assert {Path(file).parts.count("code") for file in said["origin"].values()} == {1}
    assert not [file for file in said["origin"].values() if Path(file).is_relative_to(ROOT)]
    assert said["heavy"] == []
    needed = {re.split("[<>=~!]", line)[0] for line in said["requirements"]}
    assert {"numpy", "pandas", "rdkit", "scipy", "threadpoolctl"} <= needed
    assert not needed & {"organode", "tensorflow", "keras"}

    stable = ["stable_ox", "stable_ox_reason", "stable_red", "stable_red_reason"]
    seen, none, *_ = said["lasting"]
    assert list(seen) == ["smiles", "status", "note", *stable]
    assert (seen["status"], none["status"]) == ("ok", "not a valid SMILES")
    assert seen["stable_red"] == 0.95
    assert seen["stable_red_reason"].startswith("measured: reversible")
    assert 0 < seen["stable_ox"] < 1
    assert [none[name] for name in stable] == [None, "", None, ""]

    names = ["EA", "EA_lower", "EA_upper", "EA_in_domain", "EA_remark"]
    volts = ["E_red", "E_red_lower", "E_red_upper", "E_red_remark"]
    volts += [name.replace("E_red", "E_red2") for name in volts]
    assert said["columns"] == ["smiles", "status", "note", *names, *volts]
    (quinone, junk, nothing, ethanol), (*_, half), (in_dmf, *_) = said["answers"]
    assert (quinone["status"], ethanol["status"]) == ("ok", "ok")
    assert (junk["status"], nothing["status"]) == ("not a valid SMILES", "empty SMILES")
    assert [junk[name] for name in names[:4]] == [None] * 4
    assert [junk[name] for name in volts[:3]] == [None] * 3
    assert 1 < quinone["EA"] < 7
    assert 2 < quinone["E_red"] < 3  # V vs Li/Li+
    assert -1 < in_dmf["E_red"] < 0  # V vs SCE
    assert quinone["E_red_lower"] < quinone["E_red"] < quinone["E_red_upper"]
    assert ethanol["EA_lower"] < half["EA_lower"] < ethanol["EA"]
    assert ethanol["EA"] < half["EA_upper"] < ethanol["EA_upper"]


def test_no_registered_file_is_a_pickle(trained):
    stored = [path for path in (trained / "mlruns").rglob("*") if path.is_file()]
    assert {".npz", ".json", ".py"} <= {path.suffix for path in stored}
    assert not [path for path in stored if path.suffix in (".pkl", ".pickle", ".joblib")]
