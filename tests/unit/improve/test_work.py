"""A campaign with a clock and labels of its own: budget, resumption, provenance."""

import json
from pathlib import Path

import pandas as pd
import pytest

from organode.api.load import PACKAGED, versions_of
from organode.improve.levels import COLUMNS
from organode.improve.models import Retrained
from organode.improve.plan import Plan
from organode.improve.work import Work
from organode.label.engine import NOT_COMPUTED
from organode.library.columns import Wanted
from organode.library.stream import Library
from organode.models.model import Model
from organode.pipeline.improve import improve
from organode.pipeline.screen import with_models
from organode.screening.criteria.criteria import Criteria
from organode.settings import Screen

SMILES = [
    "O=C1C=CC(=O)C=C1", "CC1=CC(=O)C=CC1=O", "O=C1C=CC(=O)c2ccccc12", "c1ccc2nsnc2c1",
    "CN1C(=O)c2ccccc2C1=O", "COc1ccc(OC)cc1", "CN1c2ccccc2Sc2ccccc21", "N#Cc1ccc(C#N)cc1",
    "CC1(C)CCCC(C)(C)N1[O]", "O=[N+]([O-])c1ccccc1", "not a molecule", "c1ccc2nc3ccccc3nc2c1",
]  # fmt: skip
BUDGET = 1_000.0


class Killed(BaseException):
    """What ends a command in the middle."""


class FakeTime:
    def __init__(self):
        self.seconds, self.retraining = 0.0, 20.0

    def __call__(self):
        return self.seconds


class FakeLabels:
    """Labels that take 60 s each; finished tables are kept, as those of `organode label` are."""

    names = ("xtb",)

    def __init__(self, time):
        self.time = time

    def label(self, level, smiles, folder, jobs, stop):
        kept = folder / "fake.json"
        if not kept.exists():
            rows = []
            for each in smiles:
                status = NOT_COMPUTED if stop() else "ok"
                if status == "ok":
                    self.time.seconds += 60.0
                done = status == "ok"
                energies = (8.0, 1.5, 60.0) if done else (None, None, None)
                rows.append([each, level, status, *energies])
            kept.write_text(json.dumps(rows))
        table = pd.DataFrame(json.loads(kept.read_text()), columns=list(COLUMNS))
        return table.astype({"IE": float, "EA": float, "seconds": float})


class Records:
    def __init__(self):
        self.rounds, self.ends = {}, 0

    def log_round(self, number, summary):
        self.rounds[number] = dict(summary)

    def finish(self, folder, proposed):
        assert (folder / "report.html").exists()
        self.ends += 1


@pytest.fixture(scope="module")
def model():
    return Model.load(PACKAGED)


@pytest.fixture(scope="module")
def criteria(model):
    loaded = versions_of(model)
    return with_models(Criteria.from_settings(Screen()), loaded.energies, loaded.stability)


@pytest.fixture
def campaign(tmp_path, model, criteria, monkeypatch):
    """Run a campaign without training: its networks are those of the start."""
    time = FakeTime()

    def retrained(start, known, replay, seed):
        time.seconds += time.retraining
        error = {t: pd.Series(0.1, rows.index) for t, rows in known.items() if len(rows) > 1}
        return Retrained(tuple(start), error)

    monkeypatch.setattr("organode.improve.work.retrain", retrained)
    monkeypatch.setattr("organode.improve.work.write_model", lambda *_: None)
    monkeypatch.setattr(Work, "_models_of", lambda *_: model.energies)
    monkeypatch.setattr("organode.improve.clock.BEAT", 1e6)
    library = tmp_path / "library.csv"
    pd.DataFrame({"smiles": SMILES}).to_csv(library, index=False)

    def run(out="campaign", rule="random", budget=BUDGET, **more):
        records = Records()
        found = improve(
            Library.find([str(library)], Wanted(), tmp_path), model, criteria,
            lambda: FakeLabels(time), lambda _: records, tmp_path / out,
            Plan(budget, 1, rule), now=time, **more,
        )  # fmt: skip
        return found, records

    run.time = time
    return run


def labels_of(folder):
    return pd.read_csv(folder / "labels.csv")


def test_budget_is_spent_and_kept(campaign, tmp_path):
    result, records = campaign(budget=400.0)
    assert 0.7 * 400 <= campaign.time.seconds <= 1.05 * 400 + 60  # a label is not cut in two
    assert result["spent_seconds"] == pytest.approx(campaign.time.seconds, abs=0.1)
    assert records.ends == 1
    assert sorted(records.rounds) == list(range(len(result["rounds"])))


def test_labels_have_their_provenance_and_the_honest_error(campaign, tmp_path):
    result, _ = campaign()
    labels = labels_of(tmp_path / "campaign")
    ok = labels[labels["status"] == "ok"]
    assert len(ok) == len(SMILES) - 1  # all that are molecules
    assert not ok["smiles"].duplicated().any()
    assert ok[["level", "round", "rule", "solvent", "version", "seconds"]].notna().all(axis=None)
    first = result["rounds"][1]
    rows = labels[(labels["round"] == 1) & labels["IE"].notna()]
    assert first["before"]["IE"]["n"] == len(rows)
    expected = (rows["IE_predicted"] - rows["IE"]).abs().mean()
    assert first["before"]["IE"]["mae"] == pytest.approx(expected, abs=1e-3)


def test_the_same_command_goes_on_and_a_larger_budget_buys_more(campaign, tmp_path):
    campaign(budget=300.0)
    before = labels_of(tmp_path / "campaign")
    spent = campaign.time.seconds
    campaign(budget=300.0)
    assert campaign.time.seconds == spent
    campaign(budget=900.0)
    after = labels_of(tmp_path / "campaign")
    pd.testing.assert_frame_equal(after.head(len(before)), before)
    assert len(after) > len(before)


@pytest.mark.parametrize(
    "first", [0, *(pytest.param(first, marks=pytest.mark.slow) for first in (1, 2))]
)
def test_interrupted_between_any_two_writes(campaign, tmp_path, monkeypatch, first):
    """Whatever the file that is the last one before a kill, the end is that of a calm campaign."""
    campaign.time.retraining = 0.0  # done again, it would leave less time for labels
    replace, written = Path.replace, [0]

    def killed_after(limit):
        def of(path, target):
            if Path(target).name != "clock.json":  # which is written every second
                if written[0] == limit:
                    raise Killed
                written[0] += 1
            return replace(path, target)

        return of

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", killed_after(None))
        calm, _ = campaign("calm", budget=150.0)
    total = written[0]
    # The start, the first round and what begins the next: all rounds are alike. Then the end.
    assert total > 15
    for limit in [*range(first, 15, 3), total - 1]:
        campaign.time.seconds, written[0] = 0.0, 0
        out = f"killed-{limit}"
        with monkeypatch.context() as patch:
            patch.setattr(Path, "replace", killed_after(limit))
            with pytest.raises(Killed):
                campaign(out, budget=150.0)
        resumed, records = campaign(out, budget=150.0)
        pd.testing.assert_frame_equal(
            labels_of(tmp_path / out)[[*COLUMNS, "round"]],
            labels_of(tmp_path / "calm")[[*COLUMNS, "round"]],
        )
        assert sorted(records.rounds) == list(range(len(resumed["rounds"])))
        assert resumed["rounds"][-1]["list"].keys() == calm["rounds"][-1]["list"].keys()


def test_given_energies_are_a_round_of_their_own(campaign, tmp_path):
    given = tmp_path / "given.csv"
    given.write_text("smiles,IE,EA\nO=C1C=CC(=O)C=C1,8.0,3.1\nnonsense,8,1\nCCCCCC,9.0,\n")
    campaign(given=given, budget=300.0)
    labels = labels_of(tmp_path / "campaign")
    own = labels[labels["round"] == 0]
    assert own["level"].unique().tolist() == ["given"]
    assert (own["status"] == "ok").tolist() == [True, False, True]
    assert (labels["round"] > 0).any()


def test_decisions_on_labelled_molecules_follow_the_label(campaign, tmp_path, model, criteria):
    from organode.improve.pool import Pool
    from organode.improve.state import State

    library = tmp_path / "library.csv"
    pool = Pool.read(Library.find([str(library)], Wanted(), tmp_path), criteria, 20)
    nothing = {t: pd.DataFrame({"label": [], "level": []}) for t in ("IE", "EA")}
    before = State.of(pool, model.energies, criteria, nothing)
    label = float(before.table["EA"][0]) + 0.5
    known = pd.DataFrame({"label": [label], "level": ["b3lyp"]}, index=[pool.smiles[0]])
    after = State.of(pool, model.energies, criteria, nothing | {"EA": known})
    shift = after.table["E_red"] - before.table["E_red"]
    assert shift[0] == pytest.approx(0.5, abs=0.3)
    assert (shift[1:] == 0).all()
    assert after.decisions["n"].model[0] < before.decisions["n"].model[0]
    assert after.table["EA_in_domain"].iloc[0]
