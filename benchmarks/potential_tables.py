"""Tables of the benchmarks that compare predicted with measured potentials."""

from __future__ import annotations

from typing import Any

from results_tables import read, table

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
        [
            each["material"],
            each["evidence"],
            f"{each['cell_V']:.2f}",
            *("{:.2f} ({:.2f} to {:.2f})".format(*each["predicted_V"][name]) for name in names),
        ]
        for each in one["cells_predicted"]
    ]
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
    return _of_family(
        {
            "n": of["n"][name],
            "mae_V": of["mae_V"]["ours"][name],
            "covered": of["covered"][name],
        }
    )


def _of_family(of: dict[str, float] | None) -> str:
    return f"{of['mae_V']:.3f} ({of['covered']:.0%} inside, {of['n']} rows)" if of else "–"


MADE = ("ours", "from_measured", "by_mean")
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
                rows = [
                    [label, each["molecules"], each["families"], *_compared(each)]
                    for label, each in bins.items()
                ]
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
