"""What `import organode` offers, and models as folders: without a registry and without training."""

import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import organode
from helpers import environment, run_ok
from organode.errors import OrganodeError, UsageError
from organode.models.model import Model

SMILES = ["O=C1C=CC(=O)C=C1", "CN1c2ccccc2Sc2ccccc21", "not a molecule", "CCO"]
# What predicting and screening must do without.
TRAINING = ("mlflow", "tensorflow", "keras", "optuna", "dvc", "pandera", "ase", "tblite")


@pytest.fixture(scope="module")
def exported(trained, tmp_path_factory):
    """A model in a folder."""
    folder = tmp_path_factory.mktemp("exported") / "model"
    project = shutil.copytree(trained, tmp_path_factory.mktemp("project") / "project")
    run_ok("model", "export", folder, cwd=project)
    return folder


@pytest.fixture(scope="module")
def model(exported):
    return organode.load(exported)


def test_exported_model_answers_as_the_command_does(model, trained, tmp_path):
    table = tmp_path / "molecules.csv"
    pd.DataFrame({"smiles": SMILES}).to_csv(table, index=False)
    run_ok("predict", table, "--out", tmp_path / "out.parquet", cwd=trained)
    expected = pd.read_parquet(tmp_path / "out.parquet")
    answer = model.predict(SMILES)
    pd.testing.assert_frame_equal(answer, expected, check_dtype=False, atol=1e-6)


def test_one_molecule_and_a_loaded_model_are_enough(exported, model):
    alone = organode.predict("CCO", model=exported)
    assert alone["IE"].item() == pytest.approx(model.predict(SMILES)["IE"].iloc[3], abs=1e-6)
    assert organode.predict("CCO", model=model).equals(alone)
    assert alone.attrs["potentials"].startswith("V vs Li/Li+ in acetonitrile")


def test_reference_and_solvent_are_as_asked(model):
    against_li, against_fc = (
        model.predict("CCO", reference=name)["E_ox"].item() for name in ("Li/Li+", "Fc/Fc+")
    )
    assert 3 < against_li - against_fc < 4
    with pytest.raises(UsageError, match="Na/Na"):
        model.predict("CCO", reference="no electrode")
    with pytest.raises(UsageError, match="ACN"):
        model.predict("CCO", solvent="no solvent")
    with pytest.raises(UsageError, match=r"level = 95"):
        model.predict("CCO", level=95)
    with pytest.warns(UserWarning, match="protic"):
        model.predict("CCO", solvent="water")


def test_screen_of_smiles_of_a_table_and_of_a_file_are_one(model, tmp_path, trained):
    library = pd.read_csv(trained / "data/embedded/library.csv").head(60)
    library.to_csv(tmp_path / "library.csv", index=False)
    found = [
        organode.screen(given, tmp_path / f"out{number}", model=model, cell="flow", tiers=["fine"])
        for number, given in enumerate(
            [tmp_path / "library.csv", library, library["smiles"].tolist()]
        )
    ]
    assert len(found[0])
    for other in found[1:]:
        assert other["smiles"].tolist() == found[0]["smiles"].tolist()
        np.testing.assert_allclose(other["score"], found[0]["score"])
    assert (tmp_path / "out0" / "report.html").exists()


def test_wrong_setting_of_a_screen_is_named(model, tmp_path):
    with pytest.raises(UsageError, match=r"screen\.sovlent.*did you mean 'solvent'"):
        organode.screen(["CCO"], tmp_path / "out", model=model, sovlent="ACN")
    alone = Model(model.energies[:1], None, {"IE": model.versions["IE"]})
    with pytest.raises(UsageError, match="does not answer for EA"):
        organode.screen(["CCO"], tmp_path / "out", model=alone)


def test_folder_without_a_model_and_damaged_ones_are_refused(exported, tmp_path):
    with pytest.raises(UsageError, match=r"holds no model.*organode model export"):
        organode.load(tmp_path)
    broken = shutil.copytree(exported, tmp_path / "broken")
    (broken / "model.json").write_text("{}")
    with pytest.raises(OrganodeError, match="damaged"):
        organode.load(broken)
    missing = shutil.copytree(exported, tmp_path / "missing")
    next((missing / "EA" / "networks").glob("fold-*.npz")).unlink()
    with pytest.raises(OrganodeError, match=r"EA"):
        organode.load(missing)


def test_version_of_one_target_answers_alone(project, monkeypatch):
    monkeypatch.chdir(project)
    for name in ("IE@champion", "IE@1", "models:/organode-IE@champion", "models:/organode-IE/1"):
        answer = organode.load(name).predict("CCO")
        assert answer["IE"].notna().all()
        assert "EA" not in answer
    whole = organode.load().predict("CCO")
    assert whole[["IE", "EA", "stable_ox"]].notna().all(axis=None)
    with pytest.raises(UsageError, match="no version, alias or run 'nobody'"):
        organode.load("IE@nobody")


def test_export_replaces_its_own_folder_and_no_other(project, exported, tmp_path, called):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    refused = called("model", "export", tmp_path / "mine", cwd=project)
    assert refused.returncode == 2
    assert (tmp_path / "mine" / "notes.txt").read_text() == "mine"
    out = tmp_path / "model"
    shutil.copytree(exported, out)
    done = called("model", "export", out, "--version", "EA@1", cwd=project)
    assert done.returncode == 0, done.stderr
    described = json.loads((out / "model.json").read_text())
    assert set(described["models"]) == {"IE", "EA", "stability"}
    wrong = called("model", "export", out, "--version", "EA", cwd=project)
    assert wrong.returncode == 2
    assert "such as IE@champion" in wrong.stderr


@pytest.fixture
def without_training(tmp_path):
    """Run Python, and all that it starts, where the packages of training cannot be imported."""
    (tmp_path / "sitecustomize.py").write_text(
        f"import sys\nsys.modules.update(dict.fromkeys({TRAINING!r}))\n"
    )
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])

    def run(code, *arguments):
        return subprocess.run(
            [sys.executable, "-c", code, *map(str, arguments)],
            cwd=tmp_path,
            env=environment(PYTHONPATH=path),
            capture_output=True,
            text=True,
        )

    return run


COMMAND = "import sys; from organode.cli.main import main; sys.argv[0] = 'organode'; main()"


def test_prediction_and_screen_need_no_training_packages(
    exported, trained, tmp_path, without_training
):
    library = trained / "data/embedded/library.csv"
    code = (
        f"import organode; model = organode.load({str(exported)!r})\n"
        "assert model.predict('CCO')['IE'].notna().all()\n"
        f"organode.screen({str(library)!r}, 'out', model=model)"
    )
    done = without_training(code)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "candidates.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "extra"),
    [
        (["search", "IE"], "pipeline"),
        (["curate"], "pipeline"),
        (["ui"], "pipeline"),
        (["label", "molecules.csv", "--out", "labels.csv"], "label"),
    ],
)
def test_missing_extra_is_one_sentence_with_the_command(
    arguments, extra, tmp_path, without_training
):
    (tmp_path / "molecules.csv").write_text("smiles\nCCO\n")
    done = without_training(COMMAND, *arguments)
    assert done.returncode == 2
    assert f"pip install 'organode[{extra}]'" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_missing_registry_is_one_sentence_in_a_notebook(without_training):
    done = without_training("import organode; organode.load('IE@champion')")
    assert "UsageError: this needs the package 'mlflow'" in done.stderr


def test_import_is_light(tmp_path):
    heavy = ("numpy", "pandas", "rdkit", "pydantic", "typer", *TRAINING)
    code = f"import sys, organode; print(sorted(set({heavy!r}) & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"


@pytest.mark.slow
def test_imported_model_is_the_exported_one_with_its_history(project, exported, tmp_path, called):
    import mlflow

    other = tmp_path / "other"
    other.mkdir()
    for _ in range(2):  # what is registered already gets no second version
        done = called("model", "import", exported, cwd=other)
        assert done.returncode == 0, done.stderr
        assert done.stdout.count("version 1, alias champion") == 3
    answer = called("predict", "O=C1C=CC(=O)C=C1", "--json", cwd=other)
    assert answer.stdout == called("predict", "O=C1C=CC(=O)C=C1", "--json", cwd=project).stdout
    runs = [
        mlflow.MlflowClient(f"sqlite:///{folder / 'mlflow.db'}").search_runs(
            [each.experiment_id for each in experiments], "tags.`organode.target` = 'IE'"
        )
        for folder in (project, other)
        for experiments in [
            mlflow.MlflowClient(f"sqlite:///{folder / 'mlflow.db'}").search_experiments(
                filter_string="name = 'organode-IE-models'"
            )
        ]
    ]
    ours, theirs = (each[0].data for each in runs)
    assert theirs.params == ours.params
    for name in ("organode.data_md5", "organode.splits_sha256", "organode.version"):
        assert theirs.tags[name] == ours.tags[name]
    assert theirs.metrics["outer/mae"] == ours.metrics["outer/mae"]
    assert "no better" not in called("promote", "IE", cwd=other).stderr


def test_damaged_export_is_not_imported(exported, tmp_path, called):
    broken = shutil.copytree(exported, tmp_path / "broken")
    described = json.loads((broken / "model.json").read_text())
    del described["models"]["EA"]["tags"]
    (broken / "model.json").write_text(json.dumps(described))
    done = called("model", "import", broken, cwd=tmp_path)
    assert done.returncode == 1
    assert "model.json is damaged: export it again" in " ".join(done.stderr.split())
    assert not (tmp_path / "mlflow.db").exists()


def test_commands_answer_with_an_exported_model(exported, trained, tmp_path, without_training):
    library = trained / "data/embedded/library.csv"
    option = ["--model", exported]
    variable = f"import os; os.environ['ORGANODE_MODEL'] = {str(exported)!r}; "
    for start, arguments in (
        (variable, ["predict", "CCO", "--json"]),
        ("", ["screen", library, "--out", "out", *option]),
        (
            variable,
            ["compare", "chloranil", "--reference", "O=C1C=CC(=O)C=C1", "--json"],
        ),
        ("", ["predict", "CCO", "--json", *option]),
    ):
        done = without_training(start + COMMAND, *arguments)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "report.html").exists()


def test_model_in_a_folder_and_others_by_name_are_not_mixed(exported, tmp_path, called):
    done = called(
        "screen", exported, "--out", tmp_path / "out", "--model", exported, "--ie", "3",
        cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 2
