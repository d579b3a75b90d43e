"""Figures of a study."""

import optuna

from organode.search.figures import draw, on_shared_folds
from organode.search.sampler import SeededByTrial
from organode.search.space import suggest
from organode.settings import Search


def test_error_over_folds_that_all_trials_have():
    def trial(*means: float) -> optuna.trial.FrozenTrial:
        return optuna.trial.create_trial(
            value=means[-1], intermediate_values=dict(enumerate(means))
        )

    assert on_shared_folds([trial(0.3, 0.2), trial(0.4, 0.5)]) == (2, [0.2, 0.5])
    assert on_shared_folds([trial(0.3, 0.2), trial(0.4), trial(0.1, 0.2, 0.3)]) == (
        1,
        [0.3, 0.4, 0.1],
    )


def test_figures_of_parameters_include_pruned_trials(tmp_path, monkeypatch):
    study = optuna.create_study(sampler=SeededByTrial(1))

    def objective(trial: optuna.Trial) -> float:
        chosen = suggest(trial, Search())
        trial.report(chosen.dropout, 0)
        if trial.number >= 2:
            raise optuna.TrialPruned
        return chosen.dropout

    study.optimize(objective, n_trials=12)
    drawn = {}
    monkeypatch.setattr(
        "organode.search.figures.save",
        lambda figure, path: drawn.update({path.name: texts(figure)}),
    )
    draw(study, "IE", tmp_path)
    assert set(drawn) == {"history.png", "importances.png", "parallel.png", "slices.png"}
    assert {"2 complete", "10 pruned: mean of the finished folds"} <= drawn["history.png"]
    for name in ("importances.png", "parallel.png", "slices.png"):
        assert "IE: 12 trials, by their validation MAE, fold 1 (eV)" in drawn[name]
    assert "dropout" in drawn["slices.png"]


def test_figures_of_too_few_trials_explain_why_empty(tmp_path, monkeypatch):
    study = optuna.create_study()
    for value in (0.1, 0.2):
        study.add_trial(optuna.trial.create_trial(value=value, intermediate_values={0: value}))
    drawn = {}
    monkeypatch.setattr(
        "organode.search.figures.save",
        lambda figure, path: drawn.update({path.name: texts(figure)}),
    )
    draw(study, "IE", tmp_path)
    assert (
        "No slices: these need 4 trials with different errors, and there are 2"
        in (drawn["slices.png"])
    )


def texts(figure) -> set[str]:
    """Return all that is written in a figure."""
    from matplotlib.text import Text

    return {text.get_text() for text in figure.findobj(Text)}


def test_figures_do_not_change_style_of_others(tmp_path):
    import matplotlib as mpl

    study = optuna.create_study()

    def objective(trial: optuna.Trial) -> float:
        trial.report(value := trial.suggest_float("x", 0, 1), 0)
        return value

    study.optimize(objective, n_trials=5)
    before = dict(mpl.rcParams)
    draw(study, "a study", tmp_path)
    assert dict(mpl.rcParams) == before
    assert (tmp_path / "history.png").exists()
