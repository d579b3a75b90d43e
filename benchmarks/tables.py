"""Writes docs/benchmarks.md from the results of the benchmarks: `python benchmarks/tables.py`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).with_name("results")
DOCUMENT = Path(__file__).parents[1] / "docs" / "benchmarks.md"
TARGETS = ("IE", "EA")
NAMES = {
    "organode": "organode", "chemprop": "chemprop", "lightgbm": "LightGBM",
    "forest": "random forest", "ridge": "ridge regression",
}  # fmt: skip


def read(name: str) -> dict[str, Any]:
    """Return one benchmark's results."""
    return json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


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
    return "\n\n".join([
        f"## Cost of training\n\n`python benchmarks/training.py`, {content['cores']} cores, "
        f"{content['molecules']:,} molecules, layers {layers}; TensorFlow "
        f"{content['versions']['tensorflow']}. Only ratios are worth comparing.",
        table(["line", "seconds an epoch", "best MAE, eV", "epochs"], rows),
        table(["ratio of seconds an epoch", ""], ratios),
        table([f"seconds to reach {reach['mae_eV']} eV, dense Keras's best", ""], seconds),
    ])  # fmt: skip


def thesis() -> str:
    """Return how many of the thesis's epochs organode needs."""
    content = read("thesis")
    rows = []
    for target in TARGETS:
        theirs, own = content[target]["thesis"], content[target]["organode"]
        needed = own["epochs_needed"]
        rows.append([
            target, f"{theirs['mae_eV']:.3f} in {theirs['epochs']:,} epochs",
            f"{needed} epochs, {own['seconds_needed']} s" if needed else "not reached",
            f"{own['mae_eV']:.3f} after {own['epochs']}",
        ])  # fmt: skip
    return (
        "## Epochs, beside the thesis's protocol\n\n`python benchmarks/thesis.py`, Materials "
        "Project table: half of the rows learned, half scored, as the thesis compared its "
        "settings. Its protocol runs 5,000 epochs in batches of 30,000.\n\n"
        + table(
            ["target", "thesis's best setting: MAE in eV", "organode is as good after",
             "organode's MAE"],
            rows,
        )
    )  # fmt: skip


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


def screening() -> str:
    """Return what a screening costs."""
    one = read("screening")
    measured = [one[name] for name in one if name == "whole" or name.startswith("lines_")]
    rows = [
        [
            f"{each['rows']:,}", each["seconds"], f"{each['molecules_a_second']:,}",
            f"{each['share_of_rdkits_rate']:.0%}", each["peak_GiB"],
            each.get("build_seconds", ""), each.get("built_new_model_seconds", ""),
            each.get("built_other_electrolyte_seconds", ""),
        ]
        for each in measured
    ]  # fmt: skip
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
        f"{one['cores']} cores, the champions of the embedded data; each a "
        "command of its own, from loading the models to all reports. RDKit's rate: it alone parses "
        "and fingerprints the same molecules on the same cores. Peak: all processes together, "
        "what they share counted once.\n\n"
        + table(head, rows)
        + found
        + "\n\nWhere processes pay:\n\n"
        + table(["rows", "serial, s", "processes, s"], crossing)
    )


POTENTIALS = {"EA": "first reductions", "IE": "first oxidations"}
PROJECTS = {"embedded": "embedded set", "mp_molecules": "Materials Project table"}
METHODS = {
    "none": "no scale: IE or EA − 1.40 V, aqueous lithium",
    "line_old": "one line, each reference as in water",
    "line": "one line, references of each solvent",
    "ours": "laboratory scale",
}
WAYS = {
    "families": "Families left out, each in turn",
    "five-fold": "Five-fold by molecule",
    "quinones": "All quinones left out at once",
}


def measured(one: dict[str, Any] | None = None) -> str:
    """Return how far potentials are from measured ones."""
    one = one or read("measured")
    published = one["published_V"]
    parts = [
        "## Potentials against measurement\n\n`python benchmarks/measured.py --project FOLDER "
        f"...`, first waves of `data/measured/potentials.csv` ({one['rows']} rows, second waves, "
        "ions and cells among them), from predictions by networks that had not seen the molecule. "
        "MAE in V, in brackets of reversible waves alone, then of those in acetonitrile. The best "
        "published model, trained on about 900 measured potentials, has "
        f"{published['12 solvents']} V in 12 solvents and {published['acetonitrile']} V in "
        "acetonitrile, on molecules of its own."
    ]
    for way, title in WAYS.items():
        parts.append(f"### {title}")
        parts += [
            _measured_way(one, way, target)
            for target in POTENTIALS
            if any(way in of[target] for of in one["models"].values())
        ]
    rows = [
        [each["material"], each["cells"], f"{each['cell_V_vs_Li']:.2f}", each["waves"],
         f"{each['wave_V_vs_Li']:.2f}", f"{each['difference_V']:+.2f}",
         f"{each['difference_as_before_V']:+.2f}"]
        for each in one["cells"]
    ]  # fmt: skip
    head = [
        "material", "cells", "in a cell", "waves", "in solution", "difference",
        "with aqueous lithium",
    ]  # fmt: skip
    parts.append(
        "### The same material in a cell and in solution\n\nMedians, V vs Li/Li+ in carbonate "
        "mixtures.\n\n" + table(head, rows)
    )
    names = list(one["models"])
    rows = [
        [each["material"], each["evidence"], f"{each['cell_V']:.2f}",
         *("{:.2f} ({:.2f} to {:.2f})".format(*each["predicted_V"][name]) for name in names)]
        for each in one["cells_predicted"]
    ]  # fmt: skip
    head = ["material", "evidence", "in a cell", *(PROJECTS.get(name, name) for name in names)]
    off = ", ".join(
        f"{PROJECTS.get(name, name)} {volts:+.2f} V" for name, volts in one["shuttles_V"].items()
    )
    parts.append(
        "### Oxidations in lithium cells, predicted\n\nNo fit knows them. V vs Li/Li+ in carbonate "
        "mixtures, with the 95 % interval; of species that the models' training data know. Median "
        f"deviation of the redox shuttles: {off}.\n\n" + table(head, rows)
    )
    return "\n\n".join(parts)


def _measured_way(one: dict[str, Any], way: str, target: str) -> str:
    models = {name: of[target][way] for name, of in one["models"].items() if way in of[target]}
    first = next(iter(models.values()))
    head = [POTENTIALS[target], *(PROJECTS.get(name, name) for name in models)]
    rows = [
        [title, *(_errors(of["mae_V"][method]) for of in models.values())]
        for method, title in METHODS.items()
    ]
    bars = one["bars_V"].get(way, {}).get(target)
    if bars:
        asked = [bars["embedded" if name == "embedded" else "other"] for name in models]
        rows.append(["asked for", *(f"{bar:.2f}" for bar in asked)])
    rows += [
        [name, *(_of_part(of, name) for of in models.values())]
        for name in ("molecules", "radicals", "cations")
    ]
    rows += [
        [f"{family}s", *(_of_family(of["of_family"].get(family)) for of in models.values())]
        for family in ("nitroxide", "viologen")
        if any(family in of["of_family"] for of in models.values())
    ]
    least = [
        ", ".join(f"{name} {share:.0%}" for name, share in of["covered_less"].items()) or "none"
        for of in models.values()
    ]
    off = [
        ", ".join(
            f"{name} {volts:+.2f}" for name, volts in of["bias_V"].items() if abs(volts) > 0.1
        )
        or "none"
        for of in models.values()
    ]
    rows += [
        ["inside the 95 % interval", *(f"{of['covered']['all']:.1%}" for of in models.values())],
        ["its median half-width", *(f"{of['half_width_V']:.2f}" for of in models.values())],
        ["families of 5 or more with less than 80 % inside", *least],
        ["families of 3 or more with a median error beyond 0.1 V", *off],
    ]
    n, families = first["n"], first["families"]
    return (
        f"{n['all']} {POTENTIALS[target]} of {families} families, {n['reversible']} of them "
        f"reversible, {n['ACN']} in acetonitrile:\n\n" + table(head, rows)
    )


def _errors(mae: dict[str, float]) -> str:
    cells = [f"{mae[name]:.3f}" if name in mae else "–" for name in ("all", "reversible", "ACN")]
    return f"{cells[0]} ({cells[1]}; {cells[2]})"


def _of_part(of: dict[str, Any], name: str) -> str:
    if not of["n"][name]:
        return "–"
    return _of_family({
        "n": of["n"][name], "mae_V": of["mae_V"]["ours"][name], "covered": of["covered"][name],
    })  # fmt: skip


def _of_family(of: dict[str, float] | None) -> str:
    return f"{of['mae_V']:.3f} ({of['covered']:.0%} inside, {of['n']} rows)" if of else "–"


PAIRS = {
    "family": "with the only molecule of its family in the fit",
    "other family": "with a molecule of another family",
    "not measured": "with another molecule of its family, none of them in the fit",
}


def compare(one: dict[str, Any] | None = None) -> str:
    """Return how well differences to a molecule are predicted."""
    one = one or read("compare")
    parts = [
        "## Differences to a measured molecule\n\n`python benchmarks/compare.py --project FOLDER "
        "...`: measured molecules whose family was left out, with another measured one, by "
        "similarity (Tanimoto). *Single*: the molecule's potential by itself, as `organode "
        "predict` answers; *difference*: what `organode compare` answers, by the same fit. MAE "
        f"in V; share inside the {one['level']:.0%} interval, and its mean half-width in V. Each "
        "molecule counts once, whatever the number of its pairs; in brackets the mean over "
        "families, each counting once."
    ]
    head = [
        "similarity", "molecules", "families", "MAE: single", "difference", "inside: single",
        "difference", "± single", "± difference",
    ]  # fmt: skip
    for name, of in one["models"].items():
        for target, kinds in of.items():
            for kind, bins in kinds.items():
                rows = [[label, each["molecules"], each["families"], *_compared(each)]
                        for label, each in bins.items()]  # fmt: skip
                title = f"{POTENTIALS[target]}, {PROJECTS.get(name, name)}, {PAIRS[kind]}"
                parts.append(f"{title}:\n\n" + table(head, rows))
    return "\n\n".join(parts)


def _compared(of: dict[str, Any]) -> list[str]:
    both = (of["single"], of["difference"])
    return [
        *(f"{each['mae_V']:.3f}" for each in both),
        *(f"{each['covered']:.1%} ({each['covered_of_families']:.0%})" for each in both),
        *(f"{each['half_width_V']:.2f}" for each in both),
    ]


def waves(one: dict[str, Any] | None = None) -> str:
    """Return what was found of second waves."""
    one = one or read("waves")
    head = ("left out", "second waves", "as predicted", "from the first as measured",
            "by the mean separation", "inside the error bar", "half-width")  # fmt: skip
    rows = [
        [way, of["n"], *(f"{of['mae_V'][name]:.3f}" for name in MADE),
         f"{of['covered']:.1%}", f"{of['half_width_V']:.2f}"]
        for way, of in one["ways"].items()
    ]  # fmt: skip
    return (
        "## Second waves\n\n"
        "`python benchmarks/waves.py`. MAE in V of the second wave; as predicted, from the first "
        "as it is predicted. Nearly all are reductions of quinones.\n\n" + table(head, rows)
    )


MADE = ("ours", "from_measured", "by_mean")
SECTIONS = (
    accuracy, features, training, thesis, search, serving, screening, measured, waves, compare,
)  # fmt: skip


def document() -> str:
    """Return the whole document, of the benchmarks that have been run."""
    run = [one() for one in SECTIONS if (RESULTS / f"{one.__name__}.json").exists()]
    return "\n\n".join(["# Benchmarks", *run]) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
