"""What a label buys: simulated campaigns on molecules whose labels are known.

    python benchmarks/campaigns.py [--molecules N] [--seeds K] [--rounds R] [--out FILE]

The start knows no member of six families (`generalisation.FAMILIES`) of the embedded set: two
networks for each target, with error bars and a laboratory scale of their own. The library is the
left-out molecules; a label is a row of the table, and costs the CPU seconds of the cost model at
the level that the table has. Each rule buys in rounds; after each round the networks are fine-tuned
as `organode improve` does. Measured are the error for a fifth of the left-out molecules, which
cannot be bought, and the overlap of the list of candidates among the others with that of all
labels. Campaigns that are finished are not run again, so that the benchmark can be interrupted and
goes on.
"""

from __future__ import annotations

import argparse
import json
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from generalisation import FAMILIES
from rdkit import Chem

from organode.api.load import PACKAGED, versions_of
from organode.artifacts import TARGETS
from organode.chem.features import Molecules
from organode.chem.motifs import family
from organode.electrochemistry.scale.laboratory import Scale
from organode.electrochemistry.scale.refit import refitted
from organode.improve.choose import RULES, Offer
from organode.improve.cost import Costs
from organode.improve.levels import XTB
from organode.improve.models import retrain
from organode.improve.pool import Pool
from organode.improve.state import State
from organode.library.columns import Wanted
from organode.library.stream import Library
from organode.models.ensemble import Ensemble, Member
from organode.models.input_columns import InputColumns
from organode.models.model import Model
from organode.models.network.folds import fit_folds
from organode.models.predictor import TargetModel
from organode.models.uncertainty.error_bars import Uncertainty
from organode.pipeline.screen import with_models
from organode.screening.criteria.criteria import Criteria
from organode.search.space import STRONG
from organode.settings import Screen
from organode.utils.files import write_json

TABLE = Path("data/embedded/molecules.csv")
FOLDS, SEED, REPLAYED = 2, 20, 1_000
TEST = 0.2  # share of the left-out molecules that cannot be bought
PAID = 0.5  # share of the cost of all labels that a campaign may spend


@dataclass(frozen=True)
class World:
    """What all campaigns share: the start, the library, and the labels that can be bought.

    `test` are molecules of the same families, and `truth` their labels, which cannot.
    """

    start: tuple[TargetModel, ...]
    pool: Pool
    criteria: Criteria
    labels: dict[str, pd.DataFrame]
    seconds: np.ndarray
    replay: list[str]
    full: State
    test: Molecules
    truth: dict[str, np.ndarray]


def main() -> None:
    """Run what is not in the file yet."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--molecules", type=int, default=2_000, help="left-out molecules at most")
    parser.add_argument("--learned", type=int, default=20_000, help="molecules of the start")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--work", type=Path, default=Path(".organode/campaigns"))
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/campaigns.json"))
    options = parser.parse_args()
    setting = {
        name: getattr(options, name) for name in ("molecules", "learned", "rounds", "epochs")
    }
    result = json.loads(options.out.read_text()) if options.out.exists() else {}
    if result.get("setting") != setting:
        result = {"setting": setting, "machine": platform.processor(), "campaigns": {}}
    world = prepared(options)
    for seed in range(options.seeds):
        for rule in RULES:
            name = f"{rule} {seed}"
            if name not in result["campaigns"]:
                result["campaigns"][name] = campaign(world, rule, seed, options.rounds)
                result["needed"] = needed(result["campaigns"])
                write_json(options.out, result)
                print(name, json.dumps(result["campaigns"][name][-1]), flush=True)


def prepared(options: argparse.Namespace) -> World:
    """Train the start without the families, and read the library of their members."""
    table = pd.read_csv(TABLE)
    left_out = np.array([family(Chem.MolFromSmiles(each)) in FAMILIES for each in table["smiles"]])
    known = table[~left_out].sample(frac=1.0, random_state=SEED).head(options.learned)
    members = table[left_out].sample(frac=1.0, random_state=SEED).head(options.molecules)
    n_test = int(TEST * len(members))
    test, library = members.iloc[:n_test], members.iloc[n_test:]
    packaged = Model.load(PACKAGED)
    start = tuple(
        started(model, known, options.epochs, options.work / f"{len(known)}-{options.epochs}")
        for model in packaged.energies
    )
    file = options.work / "library.csv"
    library[["smiles"]].to_csv(file, index=False)
    loaded = versions_of(packaged)
    criteria = with_models(Criteria.from_settings(Screen()), loaded.energies, loaded.stability)
    pool = Pool.read(Library.find([str(file)], Wanted(), options.work), criteria, SEED)
    labels = {
        target: library.set_index("smiles")[[target]]
        .rename(columns={target: "label"})
        .assign(level=XTB)
        .reindex(pool.smiles)
        for target in TARGETS
    }
    costs = Costs.fit(pd.DataFrame({"level": [], "heavy_atoms": [], "seconds": []}))
    seconds = costs.seconds(XTB, pool.composition.heavy_atoms)
    replay = known["smiles"].sample(min(REPLAYED, len(known)), random_state=SEED).tolist()
    full = State.of(pool, start, criteria, labels)
    truth = {target: test[target].to_numpy(float) for target in TARGETS}
    molecules = Molecules([Chem.MolFromSmiles(smiles) for smiles in test["smiles"]])
    return World(start, pool, criteria, labels, seconds, replay, full, molecules, truth)


def started(packaged: TargetModel, known: pd.DataFrame, epochs: int, work: Path) -> TargetModel:
    """Train networks on molecules without the families, with error bars and laboratory scale."""
    target, folder = packaged.target, work / packaged.target
    molecules = Molecules([Chem.MolFromSmiles(smiles) for smiles in known["smiles"]])
    label = known[target].to_numpy(float)
    fold = np.random.default_rng(SEED).permutation(len(known)) % FOLDS
    if not (folder / "checksums.json").exists():
        inputs = InputColumns.choose(STRONG, molecules, np.arange(len(known)))
        matrix = inputs.matrix(molecules)
        rows = [(matrix[fold != of], label[fold != of, None]) for of in range(FOLDS)]
        valid = [(matrix[fold == of], label[fold == of, None]) for of in range(FOLDS)]
        fits = dict(
            fit_folds(
                STRONG, lambda of: (rows[of], valid[of]), range(FOLDS), epochs=epochs, seed=SEED
            )
        )
        members = [Member(of, fit.mean, fit.scale, fit.weights) for of, fit in sorted(fits.items())]
        Ensemble(target, inputs, members).save(folder)
    ensemble = Ensemble.load(folder)
    predictions = ensemble.predict(ensemble.inputs.matrix(molecules))
    out_of_fold = ensemble.out_of_fold(predictions, fold)
    bars = Uncertainty.fit(molecules.molecules, fold, out_of_fold, label)
    return TargetModel(ensemble, bars, moved(packaged, ensemble))


def moved(packaged: TargetModel, ensemble: Ensemble) -> Scale:
    """Return the packaged laboratory scale, refitted to the energies that the start predicts."""
    from organode.models.fine_tune import shift_of

    return refitted(packaged.scale, shift_of(packaged, ensemble, {}))


def campaign(world: World, rule: str, seed: int, rounds: int) -> list[dict[str, float]]:
    """Return what a rule has reached after each round, from round 0, when nothing was bought."""
    random = np.random.default_rng([SEED, seed])
    total = PAID * world.seconds.sum()
    bought = np.zeros(world.pool.n, bool)
    if seed:  # the rules but `random` have no chance in them: each seed starts with other labels
        bought[random.permutation(world.pool.n)[: max(world.pool.n // 50, 1)]] = True
    models, points = world.start, []
    for number in range(rounds + 1):
        if bought.any():
            known = {target: rows[bought] for target, rows in world.labels.items()}
            models = retrain(world.start, known, world.replay, SEED + seed).models
        labels = {target: rows[bought] for target, rows in world.labels.items()}
        state = State.of(world.pool, models, world.criteria, labels)
        points.append(measured(world, models, state, bought))
        if number == rounds:
            return points
        seconds = np.where(bought, np.inf, world.seconds)[:, None]
        offer = Offer((XTB,), seconds, world.pool.bits, state.decisions)
        paid = total * (number + 1) / rounds - world.seconds[bought].sum()
        chosen = RULES[rule](offer, paid, random)
        bought[[row for row, _ in chosen]] = True
    return points


def measured(
    world: World, models: Sequence[TargetModel], state: State, bought: np.ndarray
) -> dict[str, float]:
    """Return cost so far, errors for the test in eV, and overlap with the fully labelled list."""
    found: dict[str, float] = {
        "labels": int(bought.sum()), "cpu_seconds": round(float(world.seconds[bought].sum()), 1)
    }  # fmt: skip
    for model in models:
        networks = model.networks
        predicted = networks.predict(networks.inputs.matrix(world.test)).mean(axis=0)
        error = np.abs(predicted - world.truth[model.target]).mean()
        found[f"{model.target}_error"] = round(float(error), 4)
    listed, full = (
        np.concatenate([*each.listed.values()]) for each in (state, world.full)
    )  # in either role
    either = (listed | full).sum()
    found["overlap"] = round(float((listed & full).sum() / either), 4) if either else 1.0
    found["wrong"] = int((listed != full).sum())
    return found


def needed(campaigns: dict[str, list[dict[str, float]]]) -> dict[str, dict[str, float]]:
    """Return the share of the budget at which each rule reaches what `random` reaches at its end.

    Given for the number of wrong decisions (`list`) and for the mean error of IE and EA (`error`),
    averaged over the seeds that all rules have and interpolated between rounds. A rule that does
    not reach it has the share 1.
    """
    seeds = {name.split()[1] for name in campaigns}
    seeds = {seed for seed in seeds if all(f"{rule} {seed}" in campaigns for rule in RULES)}
    if not seeds:
        return {}
    measures = {
        "list": lambda point: point["wrong"],
        "error": lambda point: np.mean([point[f"{target}_error"] for target in TARGETS]),
    }
    return {name: shares(campaigns, sorted(seeds), measure) for name, measure in measures.items()}


def shares(
    campaigns: dict[str, list[dict[str, float]]],
    seeds: Sequence[str],
    measure: Callable[[dict[str, float]], float],
) -> dict[str, float]:
    """Return what `needed` does, for a measure of a campaign's points that is to become small."""
    curves = {}
    for rule in RULES:
        points = [campaigns[f"{rule} {seed}"] for seed in seeds]
        cost = np.mean([[each["cpu_seconds"] for each in one] for one in points], axis=0)
        value = np.mean([[measure(each) for each in one] for one in points], axis=0)
        curves[rule] = cost, np.minimum.accumulate(value)
    goal, paid = curves["random"][1][-1], curves["random"][0][-1]
    found = {}
    for rule, (cost, value) in curves.items():
        reached = np.interp(-goal, -value, cost) if value[-1] <= goal else paid
        found[rule] = round(float(min(reached / paid, 1.0)), 3)
    return found


if __name__ == "__main__":
    main()
