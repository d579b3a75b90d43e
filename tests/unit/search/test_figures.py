"""Figures of a study."""

import optuna

from organode.search.figures import at_shared_step, draw
from organode.search.sampler import SeededByDraw
from organode.search.space import suggest
from organode.settings import Search


def test_trials_are_compared_at_the_last_step_that_all_have_reached():
    def trial(**errors: float) -> optuna.trial.FrozenTrial:
        steps = {int(step.removeprefix("step_")): error for step, error in errors.items()}
        return optuna.trial.create_trial(value=0.1, intermediate_values=steps)

    whole = trial(step_1=0.5, step_2=0.4, step_6=0.3, step_7=0.2)
    assert at_shared_step([whole, trial(step_1=0.6, step_2=0.3)]) == (2, [0.4, 0.3])
    assert at_shared_step([whole, trial(step_1=0.6, step_2=0.3), trial(step_1=0.7)]) == (
        1,
        [0.5, 0.6, 0.7],
    )
    assert at_shared_step([whole, whole]) == (7, [0.2, 0.2])


def test_figures_of_parameters_include_pruned_trials(tmp_path, monkeypatch):
    study = optuna.create_study(sampler=SeededByDraw(1, []))

    def objective(trial: optuna.Trial) -> float:
        chosen = suggest(trial, Search())
        trial.report(chosen.dropout, 2)
        if trial.number >= 2:
            raise optuna.TrialPruned
        return chosen.dropout

    study.optimize(objective, n_trials=12)
    drawn = {}
    monkeypatch.setattr(
        "organode.search.figures.save",
        lambda figure, path: drawn.update({path.name: texts(figure)}),
    )
    draw(study, "IE", 6, tmp_path)
    assert set(drawn) == {"history.png", "importances.png", "parallel.png", "slices.png"}
    assert {"2 complete", "10 pruned: error when pruned"} <= drawn["history.png"]
    for name in ("importances.png", "parallel.png", "slices.png"):
        assert "IE: 12 trials, by their validation MAE, fold 1 after 2 epochs (eV)" in drawn[name]
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
    draw(study, "IE", 6, tmp_path)
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
    draw(study, "a study", 6, tmp_path)
    assert dict(mpl.rcParams) == before
    assert (tmp_path / "history.png").exists()
