"""Writes docs/benchmarks.md from the results of the benchmarks: `python benchmarks/tables.py`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from potential_tables import compare, measured, waves
from results_tables import RESULTS, read, table

DOCUMENT = Path(__file__).parents[1] / "docs" / "benchmarks.md"
TARGETS = ("IE", "EA")
NAMES = {
    "organode": "organode",
    "chemprop": "chemprop",
    "lightgbm": "LightGBM",
    "forest": "random forest",
    "ridge": "ridge regression",
}


def accuracy() -> str:
    """Return the comparison with what a user would pick instead."""
    content = read("accuracy")
    parts = [
        "## Accuracy\n\n`python benchmarks/accuracy.py PEERS_PYTHON`, Materials Project table as "
        "curation leaves it. Every model learns the same rows and is scored on the same outer "
        "rows, which no search saw. In brackets: by how much its absolute error is larger than "
        "organode's on the same molecules, 95 % interval of the mean (bootstrap). chemprop: its "
        "defaults, 30 epochs, both targets at once. LightGBM: 600 trees, random forest: 300 "
        "trees, ridge regression; these three on Morgan counts of radius 2."
    ]
    for method, one in content.items():
        rows = []
        for name, measures in one["models"].items():
            cells = []
            for target in TARGETS:
                of = measures[target]
                cell = f"{of['mae']:.3f}, {of['r2']:.3f}"
                if "mae_minus_organode" in of:
                    low, high = of["mae_minus_organode"]
                    cell += f" ({low:+.3f} to {high:+.3f})"
                cells.append(cell)
            rows.append([NAMES[name], *cells])
        learned, outer = (f"{one['rows'][name]:,}" for name in ("learned", "outer"))
        parts.append(
            f"### {method.capitalize()} split: {learned} rows learned, {outer} scored\n\n"
            + table(["model", "IE: MAE in eV, R²", "EA: MAE in eV, R²"], rows)
        )
        versions = ", ".join(f"{name} {number}" for name, number in one["versions"].items())
        parts.append(f"Versions: {versions}.")
    return "\n\n".join(parts)


def features() -> str:
    """Return what each feature is worth."""
    content = read("features")
    rows = [
        [name, f"{one['columns']:,}", f"{one['IE']:.4f}", f"{one['EA']:.4f}", one["seconds"]]
        for name, one in content["lines"].items()
    ]
    folds, epochs = (content["measured_with"][name] for name in ("folds", "epochs"))
    return (
        f"## What each feature and choice is worth\n\n`python benchmarks/features.py --folds "
        f"{folds} --epochs {epochs}`, Materials Project table, random split: mean validation MAE "
        "in eV over the folds. Both targets are learned together where a line does not say "
        "otherwise.\n\n" + table(["input, network", "columns", "IE", "EA", "seconds"], rows)
    )


def training() -> str:
    """Return what an epoch costs."""
    content = read("training")
    layers = "-".join(map(str, content["layers"]))
    rows = [
        [name, one["seconds_an_epoch"], one["best_mae"], one["epochs"]]
        for name, one in content["lines"].items()
    ]
    ratios = [[name, number] for name, number in content["ratios"].items()]
    reach = content["to_reach"]
    seconds = [[name, reach[name] or "not reached"] for name in content["lines"]]
    return "\n\n".join(
        [
            f"## Cost of training\n\n`python benchmarks/training.py`, {content['cores']} cores, "
            f"{content['molecules']:,} molecules, layers {layers}; TensorFlow "
            f"{content['versions']['tensorflow']}. Only ratios are worth comparing.",
            table(["line", "seconds an epoch", "best MAE, eV", "epochs"], rows),
            table(["ratio of seconds an epoch", ""], ratios),
            table([f"seconds to reach {reach['mae_eV']} eV, dense Keras's best", ""], seconds),
        ]
    )


def gpu() -> str:
    """Return what training costs on a GPU."""
    content = read("gpu")
    text = (
        "## On a GPU\n\n`python benchmarks/gpu.py TARGET`: an epoch and a whole search, on a GPU "
        "and on the CPU of the same machine. "
    )
    if not content["measured"]:
        return f"{text}**Not measured**: training ran {content['trains']}."
    rows = [
        [f"{line}: seconds an epoch", seconds["GPU"], seconds["CPU"]]
        for line, seconds in content["seconds_an_epoch"].items()
    ]
    minutes = content["search_minutes"]
    name = f"search of {content['trials']} trials for {content['target']}: minutes"
    return (
        f"{text}{content['molecules']:,} molecules an epoch; trained {content['trains']}, and on "
        f"{content['cores']} cores.\n\n"
        + table(["", "GPU", "CPU"], [*rows, [name, minutes["GPU"], minutes["CPU"]]])
    )


def thesis() -> str:
    """Return how many of the thesis's epochs organode needs."""
    content = read("thesis")
    rows = []
    for target in TARGETS:
        theirs, own = content[target]["thesis"], content[target]["organode"]
        needed = own["epochs_needed"]
        rows.append(
            [
                target,
                f"{theirs['mae_eV']:.3f} in {theirs['epochs']:,} epochs",
                f"{needed} epochs, {own['seconds_needed']} s" if needed else "not reached",
                f"{own['mae_eV']:.3f} after {own['epochs']}",
            ]
        )
    return (
        "## Epochs, beside the thesis's protocol\n\n`python benchmarks/thesis.py`, Materials "
        "Project table: half of the rows learned, half scored, as the thesis compared its "
        "settings. Its protocol runs 5,000 epochs in batches of 30,000.\n\n"
        + table(
            [
                "target",
                "thesis's best setting: MAE in eV",
                "organode is as good after",
                "organode's MAE",
            ],
            rows,
        )
    )


def search() -> str:
    """Return what a whole search costs."""
    one = read("search")
    states = ", ".join(f"{number} {state}" for state, number in sorted(one["states"].items()))
    rows = [
        ["time", f"{one['minutes']} min on {one['cores']} cores"],
        ["processor time", f"{one['cpu_minutes']} min"],
        ["peak memory", f"{one['peak_GiB']} GiB"],
        ["share of logging", f"{100 * one['logging_share']:.1f} %"],
        ["trials", states],
    ]
    return (
        f"## Cost of a search\n\n`python benchmarks/search.py {one['target']}`, Materials "
        f"Project table, {one['trials']} trials × {one['folds']} folds × {one['epochs']} "
        "epochs.\n\n" + table(["", ""], rows)
    )


def search_gain() -> str:
    """Return what a search gains over the setting that needs none."""
    one = read("search_gain")
    trials = ", ".join(f"{number} {state}" for state, number in sorted(one["trials"].items()))
    low, high = one["gain"]
    rows = [
        ["fixed", f"{one['mae_fixed']:.4f}", ""],
        ["best of the search", f"{one['mae_searched']:.4f}", f"{low:+.4f} to {high:+.4f}"],
    ]
    head = [
        "setting", "MAE of the test set, eV", "gain over the fixed one, 95 % interval of its mean"
    ]  # fmt: skip
    return (
        f"## Gain of a search\n\n`python benchmarks/search_gain.py {one['target']} STORAGE`, "
        f"Materials Project table: {one['hours']:.1f} h on {one['cores']} cores ({trials}), by two "
        "processes on PostgreSQL. Both settings were then trained in full, and predict the same "
        f"{one['test_molecules']:,} molecules that no search saw.\n\n" + table(head, rows)
    )


def serving() -> str:
    """Return how fast a served model answers."""
    one = read("serving")
    rows = [["cold start to the first answer", one["first_answer_seconds"]]]
    rows += [
        [f"{int(number):,} molecules in one request", seconds]
        for number, seconds in one["seconds_for_molecules"].items()
    ]
    return (
        f"## Serving\n\n`python benchmarks/serving.py`, {one['target']} of the embedded data, "
        f"{one['cores']} cores.\n\n" + table(["", "seconds"], rows)
    )


def predicting() -> str:
    """Return what a prediction costs."""
    rates = read("predicting")["molecules_a_second"]
    alone, *_ = rates.values()
    rows = [[what, f"{rate:,}", f"{rate / alone:.2f}"] for what, rate in rates.items()]
    return (
        "## Cost of a prediction\n\n`python benchmarks/predicting.py LIBRARY`, 2,000 random "
        "molecules of a library for flow batteries, the packaged model, one core.\n\n"
        + table(["", "molecules a second", "of RDKit's rate"], rows)
    )


def screening() -> str:
    """Return what a screening costs."""
    one = read("screening")
    measured = [one[name] for name in one if name == "whole" or name.startswith("lines_")]
    rows = [
        [
            f"{each['rows']:,}",
            each["seconds"],
            f"{each['molecules_a_second']:,}",
            f"{each['share_of_rdkits_rate']:.0%}",
            each["peak_GiB"],
            each.get("build_seconds", ""),
            each.get("built_new_model_seconds", ""),
            each.get("built_other_electrolyte_seconds", ""),
        ]
        for each in measured
    ]
    head = [
        "rows", "from SMILES, s", "a second", "of RDKit's rate", "peak, GiB", "build, s",
        "built: models new to it, s", "built: another electrolyte, s",
    ]  # fmt: skip
    crossing = [
        [f"{int(size):,}", seconds["serial"], seconds["processes"]]
        for size, seconds in one["crossing"].items()
    ]
    found = "".join(
        f"\n\nOf {each['rows']:,} rows that were estimated, {each['scored_of_estimated']:,} "
        f"were scored by the models; {each['best_found_p']:.0%} (p-type) and "
        f"{each['best_found_n']:.0%} (n-type) of the best 100 of the library scored in full "
        f"were found, where {each['best_promised_p']:.0%} and "
        f"{each['best_promised_n']:.0%} had been promised."
        for each in measured
        if "scored_of_estimated" in each
    )
    return (
        "## Cost of a screening\n\n`python benchmarks/screening.py LIBRARY --million FILE`, "
        f"{one['cores']} cores, the packaged model; each a "
        "command of its own, from loading the models to all reports. RDKit's rate: it alone parses "
        "and fingerprints the same molecules on the same cores. Peak: all processes together, "
        "what they share counted once.\n\n"
        + table(head, rows)
        + found
        + "\n\nWhere processes pay:\n\n"
        + table(["rows", "serial, s", "processes, s"], crossing)
    )


def elsewhere() -> str:
    """Return how well energies and error bars hold in a library of somebody else."""
    one = read("elsewhere")
    rows = [
        [
            f"{target}, {place}",
            of["n"],
            f"{of['mae']:.3f}",
            f"{of['mean_error']:+.3f}",
            f"{of['covered']:.0%}",
            f"{of['half_width']:.2f}",
            f"{of['factor']:.2f}",
        ]
        for target in TARGETS
        for place, of in one[target].items()
        if of["n"]
    ]
    head = ["", "molecules", "MAE, eV", "mean error", "inside", "half-width, eV", "factor"]
    return (
        "## In a library of somebody else\n\n`python benchmarks/elsewhere.py LABELS`, the packaged "
        f"model: {one['molecules']} random molecules of RedDB (Sorkun et al., Sci. Data 9 (2022) "
        "718), quinones, phenazines and aza-aromatics for flow batteries, labelled like the "
        "embedded set. Inside: share of labels in the 95 % interval. Factor: how many times as "
        "wide the intervals would have to be, to hold 95 %.\n\n" + table(head, rows)
    )


def generalisation() -> str:
    """Return errors and coverage on molecules unlike those that were learned."""
    head = ["", "molecules"]
    what = "MAE, eV", "inside", "half-width, eV", "domain"
    head += [f"{target}: {name}" for target in TARGETS for name in what]
    rows = []
    for kind, splits in read("generalisation").items():
        if kind == "machine":
            continue
        for split, found in splits.items():
            both = [found[target] for target in TARGETS]
            parts = {split: both}
            if "all six" in both[0]:
                parts = {f"{split}: {name}": [of[name] for of in both] for name in both[0]}
            if "without" in both[0]:
                rest = [of["without"] for of in both]
                parts[f"{split}, all but {rest[0]['scaffold']}"] = rest
            for name, part in parts.items():
                cells = [
                    text
                    for of in part
                    for text in (
                        f"{of['mae']:.3f}", f"{of['covered']:.0%}",
                        f"{of['half_width']:.2f}", f"{of['in_domain']:.0%}",
                    )
                ]  # fmt: skip
                rows.append([f"{name}, {kind}", part[0]["n"], *cells])
    return (
        "## Molecules unlike those that were learned\n\n`python benchmarks/generalisation.py "
        "TABLE`, Materials Project table: a random test set, one of scaffolds that no network has "
        "seen (also without that of most test molecules, 1,4-dithiane), and six families that no "
        "network has seen, with random folds and with folds that share no scaffold. Networks have "
        "the fixed settings, and learned labels by other protocols first. Inside: share of labels "
        "in the 95 % interval, whose median half-width follows, in the domain or not. Domain: "
        "share of molecules in it.\n\n" + table(head, rows)
    )


def campaigns() -> str:
    """Return what each rule of buying labels has reached, and for which share of the cost."""
    found = read("campaigns")
    seeds = {name.split()[1] for name in found["campaigns"]}
    head = ["rule", "labels", "CPU seconds", "MAE of IE, EA, eV", "overlap", "wrong decisions"]
    head += ["cost for the list", "cost for the error"]
    rows = []
    for rule in found["needed"]["list"]:
        last = [found["campaigns"][f"{rule} {seed}"][-1] for seed in sorted(seeds)]
        mean = {name: np.mean([each[name] for each in last]) for name in last[0]}
        shares = [f"{found['needed'][name][rule]:.0%}" for name in ("list", "error")]
        errors = ", ".join(f"{mean[f'{target}_error']:.3f}" for target in TARGETS)
        rows.append([
            rule, f"{mean['labels']:.0f}", f"{mean['cpu_seconds']:,.0f}", errors,
            f"{mean['overlap']:.0%}", f"{mean['wrong']:.0f}", *shares,
        ])  # fmt: skip
    start = next(iter(found["campaigns"].values()))[0]
    return (
        "## What bought labels are worth\n\n`python benchmarks/campaigns.py`: simulated campaigns "
        f"on {found['setting']['molecules']:,} molecules of six families that the start knows "
        f"nothing of, half of whose labels can be paid; means of {len(seeds)} seeds. A fifth of "
        "the molecules cannot be bought: the errors are theirs. Overlap and wrong decisions "
        "compare the list of candidates among the others with that of all labels. The last "
        "columns say at which share of the cost a rule has reached the list, and the mean error "
        "of both energies, that buying at random reaches at its end (100 %: not before). At the "
        "start: "
        f"{start['wrong']} wrong, IE {start['IE_error']:.3f}, EA {start['EA_error']:.3f} eV "
        "(without the labels that all but the first seed begin with).\n\n" + table(head, rows)
    )


SECTIONS = (
    accuracy, generalisation, elsewhere, campaigns, features, training, gpu, thesis, search,
    search_gain, serving, predicting, screening, measured, waves, compare,
)  # fmt: skip


def document() -> str:
    """Return the whole document, of the benchmarks that have been run."""
    run = [one() for one in SECTIONS if (RESULTS / f"{one.__name__}.json").exists()]
    return "\n\n".join(["# Benchmarks", *run]) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
