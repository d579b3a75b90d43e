from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import optuna
import pytest
from optuna.trial import TrialState

from organode.pipeline.search import _groups, _queued_again, _study
from organode.search.figures import draw, on_shared_folds
from organode.search.plan import BehindBest, Plan, standard_plan
from organode.search.sampler import SeededByTrial
from organode.search.space import STRONG, THESIS, THESIS_BEST, first_trials, suggest
from organode.settings import Search, Settings

PRUNED, COMPLETE, WAITING = TrialState.PRUNED, TrialState.COMPLETE, TrialState.WAITING


def suggested(space: Search, seed: int = 1, **fixed):
    sampler = optuna.samplers.RandomSampler(seed)
    study = optuna.create_study(sampler=sampler)
    if fixed:
        study.enqueue_trial(fixed)
    return suggest(study.ask(), space)


def test_the_thesis_compared_25_settings():
    assert len(THESIS) == len(set(THESIS)) == 25
    assert (THESIS[5].radius, THESIS[5].n_bits, THESIS[5].widths) == (2, 1024, (512, 256, 128))
    assert (THESIS[23].radius, THESIS[23].n_bits, THESIS[23].widths) == (3, 2048, (1024, 256))
    assert THESIS_BEST["IE"].widths == (1024, 512)
    assert THESIS_BEST["EA"].widths == (512, 256)
    assert {(s.dropout, s.l2, s.learning_rate, s.batch_size) for s in THESIS} == {
        (0.1, 0.003, 0.003, 30_000)
    }


@pytest.mark.parametrize("seed", range(10))
def test_what_is_drawn_lies_within_the_space(seed):
    space = Search(radius=(1, 1), n_bits=(0, 512), widths=(64,), n_layers=(2, 2), joint=(False,))
    drawn = suggested(space, seed)
    assert drawn.radius == 1
    assert drawn.n_bits in (0, 512)
    assert drawn.widths == (64, 64)
    assert not drawn.joint
    assert drawn.protocol == "organode"


@pytest.mark.parametrize("target", ["IE", "EA"])
def test_the_first_trials_are_the_thesis_and_what_has_worked_since(target):
    space = Settings().search
    best, strong = first_trials(target, space)
    thesis = suggested(space, **best)
    assert thesis.widths == THESIS_BEST[target].widths
    assert (thesis.radius, thesis.n_bits, thesis.counts) == (1, 1024, False)
    assert suggested(space, **strong) == STRONG


def test_first_trials_are_moved_into_a_narrow_space():
    space = Search(
        radius=(2, 3), n_bits=(512,), widths=(64, 128), n_layers=(3, 3), dropout=(0.2, 0.3),
        l2=(1e-5, 1e-4), counts=(True,), orbitals=(False,), batch_size=(32,),
    )  # fmt: skip
    for parameters in first_trials("IE", space):
        drawn = suggested(space, **parameters)
        assert (drawn.radius, drawn.n_bits, drawn.dropout) == (2, 512, 0.2)
        assert drawn.widths == (128, 128, 128)
        assert 1e-5 <= drawn.l2 <= 1e-4
        assert drawn.counts
        assert not drawn.orbitals


def test_the_halves_of_the_thesis_hold_every_row_but_the_outer_ones():
    from organode.models.training_data import Labelled
    from organode.search.plan import thesis_plan

    fold = np.array([-1, 0, 1, 2, 3, 4, 5, 6, 7])
    nothing = np.zeros(len(fold))
    data = Labelled(nothing, fold, nothing, nothing, [], nothing, None, nothing > 0)
    assert thesis_plan("IE", data).data.fold.tolist() == [-1, 0, 1, 0, 1, 0, 1, 0, 1]


def test_a_trial_is_given_up_once_it_is_clearly_behind_the_best():
    study = optuna.create_study(pruner=BehindBest())

    def after_one_fold(error: float) -> bool:
        trial = study.ask()
        trial.report(error, 0)
        behind = trial.should_prune()
        study.tell(trial, None if behind else error, state=PRUNED if behind else COMPLETE)
        return behind

    # The first has nothing to be compared with.
    assert [after_one_fold(error) for error in (0.5, 0.6, 0.51, 0.1, 0.2, 0.102)] == [
        False, True, False, False, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("n_folds", "alone", "expected"),
    [
        (1, True, [[0]]), (2, True, [[0], [1]]), (3, True, [[0], [1, 2]]),
        (8, True, [[0], [1, 2], [3, 4], [5, 6], [7]]), (3, False, [[0, 1], [2]]),
    ],
)  # fmt: skip
def test_every_fold_is_trained_once(n_folds, alone, expected):
    assert [list(folds) for folds in _groups(n_folds, first_alone=alone)] == expected


def test_processes_that_resume_one_study_draw_different_settings(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = Settings.model_validate(
        {"search": {"storage": f"sqlite:///{tmp_path}/studies.db", "n_trials": 8}}
    )
    data = SimpleNamespace(digest=lambda: "of some data")
    plan = replace(standard_plan("IE", settings, data), first=[])
    begun = _study(plan, settings)

    def draws(study: optuna.Study) -> list[dict]:
        trials = [study.ask() for _ in range(2)]
        for trial in trials:
            plan.suggest(trial)
        return [trial.params for trial in trials]

    # The second and the third have seen the same trials of the first.
    resumed = [_study(plan, settings) for _ in range(2)]
    drawn = [str(parameters) for study in (begun, *resumed) for parameters in draws(study)]
    assert len(set(drawn)) == 6


def test_a_search_begun_anew_draws_what_it_drew_before(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    drawn = []
    for name in ("a", "b"):
        settings = Settings.model_validate(
            {"search": {"storage": f"sqlite:///{tmp_path}/{name}.db"}}
        )
        plan = replace(standard_plan("IE", settings, SimpleNamespace(digest=lambda: "")), first=[])
        trial = _study(plan, settings).ask()
        plan.suggest(trial)
        drawn.append(trial.params)
    assert drawn[0] == drawn[1]


def begun(folder, **space) -> tuple[Plan, Settings]:
    settings = Settings.model_validate(
        {"search": {"storage": f"sqlite:///{folder}/studies.db", **space}}
    )
    return standard_plan("IE", settings, SimpleNamespace(digest=lambda: "of some data")), settings


def test_draws_depend_on_trials_not_on_the_process_that_draws(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plan, settings = begun(tmp_path)
    study, other = _study(plan, settings), _study(plan, settings)
    alone = optuna.create_study(sampler=SeededByTrial(settings.seed), pruner=BehindBest())
    for parameters in plan.first:
        alone.enqueue_trial(parameters)

    def told(of: optuna.Study) -> dict:
        trial = of.ask()
        chosen = plan.suggest(trial)
        of.tell(trial, chosen.dropout + chosen.l2)
        return trial.params

    shared = [told(of) for of in (study, other) * 7]  # past the trials that are drawn blindly
    assert len({str(parameters) for parameters in shared}) == len(shared)
    assert shared == [told(alone) for _ in shared]


def test_settings_to_try_first_are_queued_once_by_whoever_makes_the_study(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plan, settings = begun(tmp_path)
    with ThreadPoolExecutor(4) as threads:
        studies = [*threads.map(lambda _: _study(plan, settings), range(4))]
    first = [trial.user_attrs.get("first") for trial in studies[0].get_trials()]
    assert first == [0, 1]


def test_an_interrupted_trial_is_queued_again_once(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plan, settings = begun(tmp_path)
    study = _study(plan, settings)

    def interrupted(trial):
        plan.suggest(trial)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        study.optimize(_queued_again(interrupted), n_trials=1)
    for _ in range(2):  # however often it is resumed
        study = _study(plan, settings)
    failed, second, again = study.get_trials()
    assert (failed.state, second.state, again.state) == (TrialState.FAIL, WAITING, WAITING)
    study.ask()  # the second
    retried = study.ask()
    plan.suggest(retried)
    assert retried.params == failed.params


def test_a_trial_too_large_for_the_machine_is_not_queued_again(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plan, settings = begun(tmp_path)
    study = _study(replace(plan, first=[]), settings)

    def too_large(trial):
        raise MemoryError

    study.optimize(_queued_again(too_large), n_trials=1, catch=(MemoryError,))
    assert [trial.state for trial in study.get_trials()] == [TrialState.FAIL]


def test_what_parameters_do_is_shown_by_the_folds_that_all_trials_learned():
    def trial(*means: float) -> optuna.trial.FrozenTrial:
        return optuna.trial.create_trial(
            value=means[-1], intermediate_values=dict(enumerate(means))
        )

    assert on_shared_folds([trial(0.3, 0.2), trial(0.4, 0.5)]) == (2, [0.2, 0.5])
    assert on_shared_folds([trial(0.3, 0.2), trial(0.4), trial(0.1, 0.2, 0.3)]) == (
        1, [0.3, 0.4, 0.1],
    )  # fmt: skip


def test_figures_show_what_parameters_do_though_most_trials_were_pruned(tmp_path, monkeypatch):
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


def test_figures_of_too_few_trials_say_why_they_are_empty(tmp_path, monkeypatch):
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


def test_figures_of_a_study_leave_the_style_of_others_alone(tmp_path):
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
