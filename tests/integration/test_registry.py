"""Register, promote, load, restore: on a real SQLite registry."""

import json
import shutil

from conftest import organode, run_ok


def client(folder):
    from mlflow import MlflowClient

    return MlflowClient(f"sqlite:///{folder}/mlflow.db")


def champion(folder, target="IE"):
    found = client(folder).get_model_version_by_alias(f"organode-{target}", "champion")
    return str(found.version)


def worse(folder, mae=9.9):
    """Let the metrics of the last training look worse, which makes it another model."""
    path = folder / "results/evaluate/IE/metrics.json"
    metrics = json.loads(path.read_text())
    metrics["outer"]["mae"] = mae
    path.write_text(json.dumps(metrics))


def test_the_first_version_is_the_champion_with_its_story(trained):
    for target in ("IE", "EA"):
        version = client(trained).get_model_version(f"organode-{target}", "1")
        assert champion(trained, target) == "1"
        assert version.tags["organode.promoted"] == "first version"
        assert version.tags["organode.reference"] == "absolute"
        assert "IPEA1" in version.tags["organode.level_of_theory"]
        assert "MAE" in version.description


def test_the_same_model_makes_no_second_version(project):
    run_ok("register", "IE", cwd=project)
    assert len(client(project).search_model_versions("name = 'organode-IE'")) == 1


def test_a_worse_model_is_promoted_only_by_force_and_with_a_reason(project):
    worse(project)
    run_ok("register", "IE", cwd=project)
    assert champion(project) == "1"

    refused = organode("promote", "IE", cwd=project)
    assert refused.returncode == 1
    assert "not better" in refused.stderr
    assert "9.9" in refused.stderr
    assert champion(project) == "1"

    without_reason = organode("promote", "IE", "--force", cwd=project)
    assert without_reason.returncode == 2
    assert "--reason" in without_reason.stderr

    run_ok("promote", "IE", "--force", "--reason", "a test", cwd=project)
    assert champion(project) == "2"
    store = client(project)
    assert str(store.get_model_version_by_alias("organode-IE", "previous").version) == "1"
    assert store.get_model_version("organode-IE", "2").tags["organode.promoted"] == (
        "over version 1: a test"
    )

    back = run_ok("promote", "IE", "--version", "1", cwd=project)
    assert "outer MAE" in back.stdout
    assert champion(project) == "1"


def test_models_of_different_data_are_not_compared(project):
    worse(project, mae=0.0001)
    run_ok("register", "IE", cwd=project)
    client(project).set_model_version_tag("organode-IE", "2", "organode.data_sha256", "other")
    refused = organode("promote", "IE", cwd=project)
    assert refused.returncode == 1
    assert "different tables" in refused.stderr


def test_promoting_what_does_not_exist(project, tmp_path):
    wrong = organode("promote", "IE", "--version", "7", cwd=project)
    assert wrong.returncode == 2
    assert "no version 7" in wrong.stderr
    nothing = organode("promote", "IE", cwd=tmp_path)
    assert nothing.returncode == 1
    assert "organode register IE" in nothing.stderr


def test_a_lost_database_is_made_anew_from_the_tracked_models(project):
    (project / "mlflow.db").unlink()
    shutil.rmtree(project / "mlruns", ignore_errors=True)
    (project / "molecules.smi").write_text("c1ccccc1 benzene\n")
    run_ok("predict", "molecules.smi", "--out", "out.csv", cwd=project)
    assert champion(project, "IE") == champion(project, "EA") == "1"
    (run,) = client(project).search_runs(
        [client(project).get_experiment_by_name("organode-IE-models").experiment_id]
    )
    assert run.data.metrics["outer_mae"] > 0
    assert "valid_mae_fold_0" in run.data.metrics


def test_the_registered_model_answers_without_organode(trained, monkeypatch):
    import mlflow
    import pandas as pd

    mlflow.set_tracking_uri(f"sqlite:///{trained}/mlflow.db")
    model = mlflow.pyfunc.load_model("models:/organode-EA@champion")
    answer = model.predict(pd.DataFrame({"smiles": ["O=C1C=CC(=O)C=C1", "junk", ""]}))
    assert list(answer.columns) == ["smiles", "status", "EA"]
    assert answer["status"].tolist() == ["ok", "not a valid SMILES", "empty SMILES"]
    assert 1 < answer["EA"][0] < 7
    requirements = model.metadata.flavors["python_function"]["env"]
    assert requirements
    assert not list((trained / "mlruns").rglob("*.pkl"))
