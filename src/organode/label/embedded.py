"""The embedded data set: labelled tables become one table, its failures and its data card."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import numpy as np
import pandas as pd

from organode.errors import OrganodeError
from organode.files import replacing
from organode.label import conformer, xtb
from organode.label.calibrate import FOLDS, LOWEST_GFN2, Calibration, errors, fit
from organode.label.experiment import (
    SOURCES,
    accuracy,
    label_experiment,
    read_labelled_experiment,
    with_dft,
)
from organode.label.relaxation import LARGEST_FORCE
from organode.resources import explained
from organode.tables import read_csv, write_csv

WRITTEN = ("molecules.csv", "failures.csv", "experiment.csv", "README.md")
XTB = ["IE", "EA", "IE_ipea1", "EA_ipea1", "IE_gfn2", "EA_gfn2"]
DFT = ["IE_b3lyp", "EA_b3lyp"]
CALIBRATED = ["IE_calibrated", "EA_calibrated"]
ENERGIES = [*XTB, *CALIBRATED, *DFT]
COLUMNS = [
    "smiles", "IE", "EA", "level", *XTB[2:], *CALIBRATED, *DFT, "unbound", "source", "family",
]  # fmt: skip
SOFTWARE = ("rdkit", "tblite", "ase", "pyscf", "chemicals")
QUANTILES = (0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)


@dataclass(frozen=True)
class Embedded:
    """What `build_embedded` wrote: the rows of its tables, as in the files."""

    molecules: pd.DataFrame
    failures: pd.DataFrame
    accuracy: pd.DataFrame
    calibrations: tuple[Calibration, ...]
    calibration_errors: pd.DataFrame


def build_embedded(
    pool: pd.DataFrame,
    labels: Sequence[Path | pd.DataFrame],
    dft: Path | pd.DataFrame,
    out: Path,
    *,
    experiment: Path | pd.DataFrame | None = None,
    solvent: str = "acetonitrile",
    jobs: int | None = None,
) -> Embedded:
    """Join labelled tables with the pool and write the data set with its card.

    The same inputs and package versions give the same bytes.

    Parameters
    ----------
    pool : pandas.DataFrame
        `smiles`, `source` and `family`, one molecule a row; decides the order.
    labels : sequence of Path or pandas.DataFrame
        Tables of `organode.label.engine.label_table`, as files (CSV) or as returned, that
        together hold each molecule of the pool once.
    dft : Path or pandas.DataFrame
        A table of the same, at level ``b3lyp`` in the gas phase, of some of these molecules and
        of measured ones: it shows how xTB maps to B3LYP, and its values take xTB's place.
    out : Path
        Folder for ``molecules.csv``, ``failures.csv``, ``experiment.csv`` and ``README.md``.
    experiment : Path or pandas.DataFrame, optional
        What `organode.label.experiment.label_experiment` returned or wrote; when omitted, the
        measured molecules are labelled now (about half a minute).
    solvent : str
        The solvent with which the labels were computed, for the card.
    jobs : int, optional
        Processes for labelling the measured molecules; all cores when omitted.

    Returns
    -------
    Embedded
        The molecules (eV, absolute), the failures with their reasons, the accuracy against
        measured values, and the maps from xTB to B3LYP with their errors.

    Raises
    ------
    OrganodeError
        If a molecule of the pool has no label row or two, a label row is not in the pool, or
        a file cannot be read or written.
    """
    exact = _read_dft(dft)
    joined = _join(
        pool,
        [_read(table, ("smiles", "status", *XTB, "unbound"), "a label table") for table in labels],
    )
    joined = joined.merge(exact, on="smiles", how="left")
    good = joined["status"] == "ok"
    if not good.any():
        raise OrganodeError("no molecule has a label: is this the right table?")
    molecules, calibrations = _calibrate(joined[good].reset_index(drop=True))
    calibration_errors = errors(molecules, molecules["family"].replace("", "(random)"))
    molecules = molecules[COLUMNS]
    molecules["unbound"] = molecules["unbound"].map(_truth).astype(bool)
    failures = joined.loc[~good, ["smiles", "source", "family", "status"]]
    failures = failures.rename(columns={"status": "reason"}).reset_index(drop=True)
    if experiment is None:
        measured = label_experiment(out / "experiment.csv", jobs=jobs)
    elif isinstance(experiment, pd.DataFrame):
        measured = experiment
    else:
        measured = read_labelled_experiment(experiment)
    measured = with_dft(measured, exact)
    write_csv(measured, out / "experiment.csv")
    scores = accuracy(measured)
    write_csv(molecules, out / "molecules.csv", decimals=4)
    write_csv(failures, out / "failures.csv")
    with replacing(out / "README.md") as temporary:
        text = _card(
            molecules, failures, measured, scores, calibrations, calibration_errors, solvent
        )
        temporary.write_text(text, encoding="utf-8", newline="\n")
    return Embedded(molecules, failures, scores, calibrations, calibration_errors)


def _read(table: Path | pd.DataFrame, columns: Sequence[str], name: str) -> pd.DataFrame:
    """Return a label table that has these columns; messages call one without a file `name`."""
    if not isinstance(table, pd.DataFrame):
        name = str(table)
        try:
            table = read_csv(table)
        except (OSError, ValueError) as error:
            raise explained(error, Path(name)) or OrganodeError(
                f"cannot read {name}: {error}"
            ) from error
    missing = [column for column in columns if column not in table]
    if missing:
        raise OrganodeError(f"{name} has no column {', '.join(missing)}: is it a label table?")
    return table


def _read_dft(path: Path | pd.DataFrame) -> pd.DataFrame:
    """Return `smiles`, `IE_b3lyp` and `EA_b3lyp` of the molecules that have either."""
    table = _read(path, ("smiles", "IE", "EA"), "the B3LYP table")
    named = table[["smiles", "IE", "EA"]].rename(columns={"IE": DFT[0], "EA": DFT[1]})
    named[DFT] = named[DFT].astype(float).round(4)
    twice = named.loc[named["smiles"].duplicated(), "smiles"]
    if len(twice):
        name = "the B3LYP table" if isinstance(path, pd.DataFrame) else path
        raise OrganodeError(f"{name} has {twice.iloc[0]} twice: give each molecule once")
    return named.dropna(subset=DFT, how="all")


def _calibrate(molecules: pd.DataFrame) -> tuple[pd.DataFrame, tuple[Calibration, ...]]:
    """Put every label on B3LYP's scale: its own values, or xTB's mapped to them.

    The solvation that `organode label` added stays as it is.
    """
    calibrations = tuple(fit(molecules, target) for target in ("IE", "EA"))
    exact = molecules[DFT].notna().all(axis=1)
    molecules["level"] = np.where(exact, "b3lyp", "xtb")
    for calibration in calibrations:
        target = calibration.target
        mapped = calibration.apply(molecules).round(4)
        molecules[f"{target}_calibrated"] = mapped
        solvation = molecules[target] - molecules[f"{target}_ipea1"]
        gas = molecules[f"{target}_b3lyp"].where(exact, mapped)
        molecules[target] = (gas + solvation).round(4)
    return molecules, calibrations


def _join(pool: pd.DataFrame, tables: list[pd.DataFrame]) -> pd.DataFrame:
    """Return the pool with its labels; complain about rows that are missing, double or alien."""
    labels = pd.concat(tables, ignore_index=True)[["smiles", "status", *XTB, "unbound"]]
    wrong = {
        "are twice in the pool": pool.loc[pool["smiles"].duplicated(), "smiles"],
        "are labelled twice": labels.loc[labels["smiles"].duplicated(), "smiles"],
        "of the pool have no label": pool.loc[~pool["smiles"].isin(labels["smiles"]), "smiles"],
        "are labelled but not in the pool": labels.loc[
            ~labels["smiles"].isin(pool["smiles"]), "smiles"
        ],
    }
    for what, which in wrong.items():
        if len(which):
            raise OrganodeError(
                f"{len(which)} molecules {what}, the first is {which.iloc[0]}: "
                "give each part of the labelled pool once"
            )
    joined = pool[["smiles", "source", "family"]].merge(labels, on="smiles", how="left")
    for column in ("source", "family"):
        joined[column] = joined[column].astype(object).fillna("")
    joined[XTB] = joined[XTB].astype(float).round(4)
    return joined


def _truth(cell: object) -> bool:
    """Read a cell of the column `unbound`: text where failed rows left empty cells in it."""
    return str(cell) == "True"


def _card(
    molecules: pd.DataFrame,
    failures: pd.DataFrame,
    measured: pd.DataFrame,
    scores: pd.DataFrame,
    calibrations: Sequence[Calibration],
    calibration_errors: pd.DataFrame,
    solvent: str,
) -> str:
    total = len(molecules) + len(failures)
    gas_ok = int((measured["status"] == "ok").sum())
    smallest, largest, elements = _extent(molecules["smiles"])
    sources = "\n".join(
        f"- `{key}` ({source.kind}): {source.citation}" for key, source in sorted(SOURCES.items())
    )
    return f"""# Embedded data set

Ionization energy (IE) and electron affinity (EA) of {len(molecules):,} organic molecules:
{(molecules["level"] == "b3lyp").sum():,} by density functional theory (B3LYP/6-31+G(d)), the others
by extended tight binding, mapped to it. Molecules chosen: {total:,}; without a label:
{len(failures):,}, listed in `failures.csv`, each with its reason.

This card is written from the tables by `organode embedded build`; do not edit it.

## Files

| file | rows | what |
|---|---|---|
| `molecules.csv` | {len(molecules):,} | the data set |
| `failures.csv` | {len(failures):,} | `smiles`, `source`, `family`, `reason` |
| `experiment.csv` | {len(measured):,} | measured and computed energies of known molecules |

## Columns of `molecules.csv`

All energies are in eV, on the absolute scale (vacuum level), and vertical: all charge states have
the relaxed geometry of the neutral molecule.

| column | what |
|---|---|
| `smiles` | canonical SMILES without stereo; unique |
| `IE` | E(cation) − E(neutral) in {solvent} |
| `EA` | E(neutral) − E(anion) in {solvent}; positive for a bound anion |
| `level` | where the gas-phase part of `IE` and `EA` comes from: `b3lyp`, or `xtb` calibrated |
| `IE_ipea1`, `EA_ipea1` | the same in the gas phase, IPEA1-xTB, raw |
| `IE_gfn2`, `EA_gfn2` | the same in the gas phase, GFN2-xTB, raw |
| `IE_calibrated`, `EA_calibrated` | xTB mapped to B3LYP, gas phase (see Calibration) |
| `IE_b3lyp`, `EA_b3lyp` | the same in the gas phase, B3LYP/6-31+G(d); empty where not computed |
| `unbound` | the vertical anion is not bound in the gas phase (`EA_ipea1` ≤ 0) |
| `source` | `chemicals`: a compound of PubChem in the tables of that package; `enumerated`: the \
core of a family of electrode materials with substituents |
| `family` | the family enumerated, or the motif by which a real compound was found; empty for \
compounds drawn at random |

`IE` and `EA` are the gas-phase energies, by B3LYP where `level` says so and else calibrated, plus
the difference of the solvation free energies of ion and neutral molecule (GFN2-xTB with ALPB,
{solvent}).

## How it was made

1. `organode embedded pool` chooses the molecules: real compounds, with and without redox-active
   motifs, and members of the enumerated families.
2. `organode label`, with the pool and `--solvent {solvent}`, computes them: one conformer (ETKDGv3,
   seed {conformer.SEED}; MMFF94, or UFF where that has no parameters), relaxed by GFN2-xTB in the
   gas phase to forces below {LARGEST_FORCE} eV/Å, checked for changed bonds; then single points
   of neutral molecule, cation and anion. {xtb.SHIFT} eV, the empirical shift of IPEA1-xTB, is
   subtracted from both raw energies, for GFN2-xTB too.
3. `organode label --level b3lyp` computes some of them, and measured molecules, by B3LYP/6-31+G(d)
   with density fitting on the same geometries, in the gas phase.
4. `organode embedded build` joins labels and pool, fits the calibration and writes this folder.

Software: {_software()}.

## What is in it

From {smallest} to {largest} heavy atoms. Elements: {", ".join(elements)}.
The anion of {molecules["unbound"].mean():.1%} of the molecules is unbound in the gas phase.

{_counts(molecules, failures)}

### Failures

{_reasons(failures)}

### Distribution (eV)

{_quantiles(molecules)}

## Calibration

B3LYP/6-31+G(d) ≈ constant + a · IPEA1-xTB + b · GFN2-xTB by least squares, and a Gaussian process
on what this line leaves: from xTB's energies of both targets, the size and the frontier orbital of
the Hückel model. GFN2-xTB's values count as no lower than {LOWEST_GFN2:g} eV. The process follows
deviations of size s over l standard deviations of its inputs.

{_maps(calibrations)}

Errors against B3LYP, raw (IPEA1-xTB) and calibrated, the latter out of fold ({FOLDS} folds) and,
last, by a map that had seen no molecule of the family:

{_calibration(calibration_errors)}

The map was fitted to molecules of at most 12 heavy atoms; on larger ones it is an extrapolation.

## Accuracy

Gas phase, against measured values of {gas_ok} molecules (`experiment.csv`); error = computed −
measured. Measured IEs are adiabatic, the computed ones vertical, so that part of a positive error
is the relaxation of the cation. Measured EAs > 0 are adiabatic as well, the negative ones are
vertical. "EA, bound" leaves the negative ones out.

{_scores(scores)}

The measured values were compiled by hand, and only part of them was compared with a second
source: look a value up before you rely on it. Their sources, by the keys of `IE_source` and
`EA_source`:

{sources}

## Known limits

- Most rows are tight binding, not density functional theory: the tables above say how far off it
  is for small, well-known molecules. Large, strained or charge-separated ones may be worse.
- Where `unbound` is true, the gas-phase EA has hardly any meaning: a finite basis cannot describe
  an electron that leaves. There GFN2-xTB gives far too negative values, IPEA1-xTB values whose
  order means little. In {solvent} the solvation of the anion dominates such an `EA`.
- Solvation is that of a continuum in equilibrium with each charge state, for vertical ions too;
  there is no ion pairing, no explicit solvent, no proton transfer. `IE` and `EA` have not been
  compared with measurements in solution here.
- One conformer, one tautomer (as written) and one stereoisomer (as embedded) stand for all.
- Closed-shell, neutral, single-component molecules only: no salts, radicals or metals.
- Enumerated molecules need not be stable or have ever been made.

## Licence

The data are licensed under CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/). Structures of
real compounds come from the tables of the package `chemicals` (MIT licence).

## Please cite

- GFN2-xTB: Bannwarth, Ehlert, Grimme, J. Chem. Theory Comput. 15 (2019) 1652,
  doi 10.1021/acs.jctc.8b01176
- IPEA1-xTB: Ásgeirsson, Bauer, Grimme, Chem. Sci. 8 (2017) 4879, doi 10.1039/c7sc00601b
- B3LYP: Becke, J. Chem. Phys. 98 (1993) 5648, doi 10.1063/1.464913; Stephens et al., J. Phys. Chem.
  98 (1994) 11623, doi 10.1021/j100096a001; PySCF: Sun et al., J. Chem. Phys. 153 (2020) 024109,
  doi 10.1063/5.0006074
- ALPB: Ehlert, Stahn, Spicher, Grimme, J. Chem. Theory Comput. 17 (2021) 4250,
  doi 10.1021/acs.jctc.1c00471
- `chemicals`: Bell et al., Chemical properties component of Chemical Engineering Design Library
  (ChEDL), https://github.com/CalebBell/chemicals
"""


def _extent(smiles: pd.Series[str]) -> tuple[int, int, list[str]]:
    """Return the smallest and largest number of heavy atoms and the elements."""
    from rdkit import Chem

    sizes, elements = set(), {"H"}
    for text in smiles:
        molecule = Chem.MolFromSmiles(text)
        sizes.add(molecule.GetNumHeavyAtoms())
        elements |= {atom.GetSymbol() for atom in molecule.GetAtoms()}
    return min(sizes), max(sizes), sorted(elements)


def _software() -> str:
    versions = []
    for package in SOFTWARE:
        try:
            versions.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            versions.append(f"{package} (not installed when this card was written)")
    return ", ".join(versions)


def _markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _counts(molecules: pd.DataFrame, failures: pd.DataFrame) -> str:
    keys = ["source", "family"]
    count = pd.DataFrame({
        "labelled": molecules.groupby(keys).size(),
        "failed": failures.groupby(keys).size(),
        "unbound": molecules.groupby(keys)["unbound"].sum(),
    }).fillna(0).astype(int)  # fmt: skip
    rows = []
    for source, part in count.groupby(level="source"):
        rows.append([f"**{source}**", "**all**", *(f"**{value:,}**" for value in part.sum())])
        for label, line in zip(part.index, part.to_numpy(), strict=True):
            rows.append([str(source), label[1] or "(random)", *(f"{value:,}" for value in line)])
    return _markdown(["source", "family or motif", "labelled", "failed", "unbound anion"], rows)


def _reasons(failures: pd.DataFrame) -> str:
    if failures.empty:
        return "None."
    # The particulars of a reason follow in brackets or after a colon.
    kind = failures["reason"].map(lambda reason: re.split(r" \(|: ", str(reason))[0])
    count = sorted(kind.value_counts().items(), key=lambda item: (-item[1], str(item[0])))
    return _markdown(["reason", "molecules"], [[str(name), f"{n:,}"] for name, n in count])


def _quantiles(molecules: pd.DataFrame) -> str:
    table = molecules[ENERGIES].copy()
    for target in ("IE", "EA"):
        gas = table[f"{target}_b3lyp"].where(
            molecules["level"] == "b3lyp", table[f"{target}_calibrated"]
        )
        table[f"{target} − gas phase"] = table[target] - gas
    names = {0.0: "lowest", 0.5: "median", 1.0: "highest"}
    header = ["", *(names.get(q, f"{q:.0%}") for q in QUANTILES)]
    rows = [
        [str(column), *(f"{value:.2f}" for value in np.quantile(table[column].dropna(), QUANTILES))]
        for column in table
    ]
    return _markdown(header, rows)


def _maps(calibrations: Sequence[Calibration]) -> str:
    rows = [
        [
            c.target, *(f"{number:+.3f}" for number in c.line), f"{c.deviation:g}", f"{c.length:g}",
            f"{c.noise:g}", f"{c.n:,}",
        ]
        for c in calibrations
    ]  # fmt: skip
    return _markdown(["", "constant, eV", "a", "b", "s, eV", "l", "noise, eV", "n"], rows)


def _calibration(table: pd.DataFrame) -> str:
    header = [
        "", "family", "n", "raw: MAE, eV", "raw: mean error", "calibrated: MAE, eV",
        "calibrated: mean error", "family left out: MAE, eV",
    ]  # fmt: skip
    rows = [
        [
            str(one["target"]), str(one["family"]), f"{one['n']:,}", f"{one['raw_mae']:.2f}",
            f"{one['raw_mean_error']:+.2f}", f"{one['mae']:.2f}", f"{one['mean_error']:+.2f}",
            f"{one['left_out_mae']:.2f}",
        ]
        for one in table.to_dict("records")
    ]  # fmt: skip
    return _markdown(header, rows)


def _scores(scores: pd.DataFrame) -> str:
    def text(value: float, form: str) -> str:
        return "n/a" if np.isnan(value) else format(value, form)

    rows = [
        [target, method, str(n), text(mae, ".2f"), text(mean_error, "+.2f"), text(r, ".3f")]
        for target, method, n, mae, mean_error, r in scores.itertuples(index=False)
    ]
    header = ["", "method", "n", "mean absolute error, eV", "mean error, eV", "Pearson r"]
    return _markdown(header, rows)


def read_pool(path: Path) -> pd.DataFrame:
    """Read a pool: columns `smiles`, `source`, `family`.

    Raises
    ------
    OrganodeError
        If it cannot be read, or lacks a column.
    """
    try:
        return read_csv(path, usecols=["smiles", "source", "family"])
    except (OSError, ValueError) as error:
        raise explained(error, path) or OrganodeError(
            f"cannot read the pool {path}: {error}"
        ) from error
