"""Data card of the embedded set: its content, how it was made, and its accuracy."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import astuple
from importlib import metadata
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from rdkit import Chem

from embedded_set.experiment import SOURCES
from organode.chem.molecule import kind
from organode.label import dft, xtb
from organode.label.correction import (
    FOLDS,
    GROUPS,
    MIN_GFN2,
    OF_QUANTITY,
    RELAXATION_LIMITS,
    Correction,
)
from organode.label.geometry import conformer
from organode.label.geometry.relaxation import MAX_FORCE

if TYPE_CHECKING:
    from embedded_set.dataset import Embedded

SOFTWARE = ("rdkit", "tblite", "ase", "pyscf", "chemicals")
QUANTILES = (0.0, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1.0)


def card(made: Embedded, default: str, solvent: str) -> str:
    """Return the card of a data set as Markdown.

    Parameters
    ----------
    made : Embedded
        The data set.
    default : {'vertical', 'adiabatic'}
        Kind of its labels.
    solvent : str
        Solvent of its labels.
    """
    molecules, failures, measured = made.molecules, made.failures, made.experiment
    total = len(molecules) + len(failures)
    kinds = molecules["smiles"].map(_kind)
    gas_ok = int((measured["status"] == "ok").sum())
    smallest, largest, elements = _extent(molecules["smiles"])
    sources = "\n".join(
        f"- `{key}` ({source.kind}): {source.citation}" for key, source in sorted(SOURCES.items())
    )
    return f"""# Embedded data set

Ionization energy (IE) and electron affinity (EA) of {len(molecules):,} organic species:
{(kinds == "neutral").sum():,} neutral closed-shell molecules,
{(kinds == "radical").sum():,} radicals and {(kinds == "cation").sum():,} cations;
{(molecules["level"] == "b3lyp").sum():,} by density functional theory (B3LYP/6-31+G(d)), the others
by extended tight binding, corrected to it. Species chosen: {total:,}; without a label:
{len(failures):,}, listed in `failures.csv`, each with its reason.

This card is written from the tables by `python data/embedded/build join`; do not edit it.

## Files

| file | rows | content |
|---|---|---|
| `molecules.csv` | {len(molecules):,} | the data set |
| `ions.parquet` | {len(made.ions):,} | relaxed ions of {made.ions["row"].nunique():,} species and \
their reactions |
| `failures.csv` | {len(failures):,} | `smiles`, `source`, `family`, `reason` |
| `experiment.csv` | {len(measured):,} | measured and computed energies of known molecules |

## Columns of `molecules.csv`

All energies are in eV, on the absolute scale (vacuum level). Vertical: all charge states have the
relaxed geometry of the species. Adiabatic: each charge state has its own.

| column | content |
|---|---|
| `smiles` | canonical SMILES without stereo; unique |
| `IE` | E(with one electron less) − E(species) in {solvent}, {default} |
| `EA` | E(species) − E(with one electron more) in {solvent}, {default} |
| `IE_vertical`, `EA_vertical` | the same, vertical |
| `IE_adiabatic`, `EA_adiabatic` | the same, adiabatic; empty where an ion falls apart, forms a \
bond, could not be or was not relaxed |
| `level` | origin of the gas-phase part of `IE` and `EA`: `b3lyp`, or `xtb` calibrated |
| `IE_ipea1`, `EA_ipea1` | vertical, in the gas phase, IPEA1-xTB, raw |
| `IE_gfn2`, `EA_gfn2` | the same, GFN2-xTB |
| `IE_calibrated`, `EA_calibrated` | the same, xTB corrected to B3LYP (see Correction) |
| `IE_b3lyp`, `EA_b3lyp` | the same, B3LYP/6-31+G(d); empty where not computed |
| `IE_relaxation_…`, `EA_relaxation_…` | relaxation energy of the ion in the gas phase, by the \
same methods |
| `unbound` | the vertical reduced species is not bound in the gas phase (`EA_ipea1` ≤ 0) |
| `source` | `chemicals`: a compound of PubChem in the tables of that package; `enumerated`: the \
core of a family of electrode materials with substituents |
| `family` | the family enumerated, or the motif by which a real compound was selected; empty for \
compounds drawn at random |

Energies in {solvent} are those of the gas phase, by B3LYP where available and otherwise
calibrated, plus the difference of the solvation free energies of ion and species (GFN2-xTB with
ALPB) at their respective geometries.

## Columns of `ions.parquet`

Two rows for a species, `ion` ``oxidised`` and ``reduced``, relaxed by GFN2-xTB in {solvent} from
the species' geometry and, where rings or substituents of aromatic rings can rotate, from the
rotamer of lowest energy for that charge.

| column | content |
|---|---|
| `charge`, `unpaired` | of the ion; the spin of lowest energy |
| `status` | `ok`, or what could not be computed |
| `adiabatic`, `adiabatic_ipea1`, `adiabatic_gfn2` | E(ion) − E(species), raw: in {solvent}, \
and in the gas phase by IPEA1-xTB and GFN2-xTB |
| `energy`, `energy_own` | total energies of ion and species, GFN2-xTB in {solvent} |
| `reorganisation` | inner-sphere reorganisation energy by four points |
| `rmsd` | root-mean-square displacement of the heavy atoms, ångström |
| `changes` | bonds that broke or formed, by the atoms' positions in the SMILES |
| `loosest` | the most weakened single bond outside rings, and the fraction of its order left |
| `fragmentation`, `cleaved` | energy of the cheapest cleavage, and the bond; the fragment of the \
first atom keeps the electron or the hole |
| `deprotonation`, `deprotonated` | energy of the cheapest loss of a proton, without the energy of \
the proton itself, and the atom that bore it: of the oxidised ion; in a reduced ion's row, of the \
species |
| `further` | E(second ion) − E(ion) at the ion's geometry, raw, like `adiabatic` |
| `charges`, `spins` | Mulliken populations of the heavy atoms, their hydrogens included |

## How it was made

1. `python data/embedded/build pool` chooses the species: real compounds, with and without
   redox-active motifs, and members of the enumerated families, cations and radicals among them.
2. `organode label`, with the pool, `--adiabatic` and `--solvent {solvent}`, computes them: one
   conformer (ETKDGv3, seed {conformer.SEED}; MMFF94, or UFF where that has no parameters), relaxed
   by GFN2-xTB in the gas phase to forces below {MAX_FORCE} eV/Å, checked for changed bonds; then
   single points of the species and its ions, and relaxed ions. {xtb.SHIFT} eV, the empirical shift
   of IPEA1-xTB, is subtracted from both raw energies, for GFN2-xTB too.
3. `organode label --level b3lyp` computes some of them, and molecules with measured energies, by
   B3LYP/6-31+G(d) with density fitting at GFN2-xTB geometries, in the gas phase; for some of them
   relaxed ions too.
4. `python data/embedded/build join` joins labels and pool, fits the corrections and writes this
   folder.

Software: {_software()}.

## Content

From {smallest} to {largest} heavy atoms. Elements: {", ".join(elements)}.
The reduced form of {molecules["unbound"].mean():.1%} of the species is unbound in the gas phase.

{_counts(molecules, failures)}

### Failures

{_reasons(failures)}

### Distribution (eV)

{_quantiles(molecules)}

### Relaxed ions

{_ion_statistics(made.ions)}

## Correction

B3LYP/6-31+G(d) ≈ constant + a · IPEA1-xTB + b · GFN2-xTB + terms in the charge and the number of
unpaired electrons of the species and for groups that it has ({", ".join(GROUPS)}), and a Gaussian
process on what this line leaves, for which species are alike in two ways: by xTB's energies of both
targets, charge and spin, size and the frontier orbital of the Hückel model (standard deviation s,
length scale l in standard deviations of these inputs), and by structure (Tanimoto coefficient of
Morgan bits; standard deviation t). Relaxation energies likewise, without groups. GFN2-xTB's values
are limited to {MIN_GFN2:g} eV and above, relaxation energies to {RELAXATION_LIMITS[0]:g} to
{RELAXATION_LIMITS[1]:g} eV; a negative corrected relaxation energy becomes 0.

{_corrections(made.corrections)}

Errors against B3LYP, raw (IPEA1-xTB) and calibrated, the latter out of fold ({FOLDS} folds) and,
in the last column, by a correction fitted without the family:

{_correction_errors(made.correction_errors)}

The corrections were fitted to species of at most {dft.MAX_HEAVY_ATOMS} heavy atoms; for larger
species they are extrapolations.

## Accuracy

Gas phase, against measured values of {gas_ok} molecules (`experiment.csv`); error = computed −
measured. Measured IEs are adiabatic, computed IEs vertical, so part of a positive error is the
relaxation of the cation. Measured EAs > 0 are adiabatic too, negative EAs are vertical. "EA, bound"
is without the negative EAs.

{_scores(made.accuracy)}

The measured values were compiled by hand, and only some of them were compared with a second
source: check a value in its source before you rely on it. The sources, by the keys of `IE_source`
and `EA_source`:

{sources}

## Known limits

- Where `changes` is not empty an ion falls apart or rearranges in the calculation; in the
  laboratory it need not do so within a scan.
- Most rows are by tight binding, not density functional theory: the tables above show the errors
  for small, well-known molecules. Those of large, strained or charge-separated molecules may be
  larger.
- Where `unbound` is true, the gas-phase EA has hardly any meaning: a finite basis cannot describe
  an electron that leaves. Then the values by GFN2-xTB are far too negative, and even the order of
  those by IPEA1-xTB means little. In {solvent} the solvation of the anion dominates such an `EA`.
- Solvation is by a continuum in equilibrium with each charge state, for vertical ions too; there
  is no ion pairing, no explicit solvent, no proton transfer.
- Each species is represented by few conformers (see `ions.parquet`), one tautomer (as written) and
  one stereoisomer (as embedded).
- Single components only: no salts, and no metals.
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


def _kind(smiles: str) -> str:
    """Return ``neutral``, ``cation`` or ``anion`` for a closed shell, or ``radical``."""
    electrons = kind(Chem.MolFromSmiles(smiles))
    if electrons.unpaired:
        return "radical"
    return ("anion", "neutral", "cation")[1 + (electrons.charge > 0) - (electrons.charge < 0)]


def _ion_statistics(ions: pd.DataFrame) -> str:
    """Return a table of how many ions relaxed, broke a bond, or cleave without cost."""
    rows = []
    for name, part in ions.groupby("ion"):
        broke = part["changes"].map(lambda changes: any(c.startswith("broke") for c in changes))
        reorganisation = part["reorganisation"].dropna()
        rows.append(
            [
                str(name),
                f"{len(part):,}",
                f"{(part['status'] == 'ok').mean():.1%}",
                f"{broke.mean():.1%}",
                f"{(part['fragmentation'] < 0).mean():.1%}",
                f"{reorganisation.median():.2f}",
                f"{reorganisation.quantile(0.95):.2f}",
            ]
        )
    header = [
        "", "n", "relaxed", "a bond broke", "cleavage costs nothing", "reorganisation, eV: median",
        "95 %",
    ]  # fmt: skip
    return _markdown(header, rows)


def _extent(smiles: pd.Series[str]) -> tuple[int, int, list[str]]:
    """Return the smallest and largest number of heavy atoms and the elements."""
    sizes, elements = set(), {"H"}
    for text in smiles:
        molecule = Chem.MolFromSmiles(text)
        sizes.add(molecule.GetNumHeavyAtoms())
        elements |= {atom.GetSymbol() for atom in molecule.GetAtoms()}
    return min(sizes), max(sizes), sorted(elements)


def _software() -> str:
    """Return names and versions of the packages with which the labels were computed."""
    versions = []
    for package in SOFTWARE:
        try:
            versions.append(f"{package} {metadata.version(package)}")
        except metadata.PackageNotFoundError:
            versions.append(f"{package} (not installed when this card was written)")
    return ", ".join(versions)


def _markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _counts(molecules: pd.DataFrame, failures: pd.DataFrame) -> str:
    """Return a table of the number of molecules by source and family."""
    keys = ["source", "family"]
    columns = {
        "labelled": molecules.groupby(keys).size(),
        "failed": failures.groupby(keys).size(),
        "unbound": molecules.groupby(keys)["unbound"].sum(),
    }
    count = pd.DataFrame(columns).fillna(0).astype(int)
    rows = []
    for source, part in count.groupby(level="source"):
        rows.append([f"**{source}**", "**all**", *(f"**{value:,}**" for value in part.sum())])
        for label, line in zip(part.index, part.to_numpy(), strict=True):
            rows.append([str(source), label[1] or "(random)", *(f"{value:,}" for value in line)])
    return _markdown(["source", "family or motif", "labelled", "failed", "unbound anion"], rows)


def _reasons(failures: pd.DataFrame) -> str:
    """Return a table of the number of molecules by reason of failure."""
    if failures.empty:
        return "None."
    # The details of a reason follow in brackets or after a colon.
    kind = failures["reason"].map(lambda reason: re.split(r" \(|: ", str(reason))[0])
    count = sorted(kind.value_counts().items(), key=lambda item: (-item[1], str(item[0])))
    return _markdown(["reason", "molecules"], [[str(name), f"{n:,}"] for name, n in count])


def _quantiles(molecules: pd.DataFrame) -> str:
    """Return a table of the quantiles of all energies."""
    table = molecules.select_dtypes("number").copy()
    for target in ("IE", "EA"):
        gas = table[f"{target}_b3lyp"].fillna(table[f"{target}_calibrated"])
        table[f"{target}_vertical − gas phase"] = table[f"{target}_vertical"] - gas
    names = {0.0: "lowest", 0.5: "median", 1.0: "highest"}
    header = ["", *(names.get(q, f"{q:.0%}") for q in QUANTILES)]
    rows = [
        [str(column), *(f"{value:.2f}" for value in np.quantile(table[column].dropna(), QUANTILES))]
        for column in table
    ]
    return _markdown(header, rows)


def _corrections(corrections: Sequence[Correction]) -> str:
    """Return a table of the parameters of the corrections."""
    header = [
        "", "constant, eV", "a", "b", "charge, eV", "radical, eV",
        *(f"{name}, eV" for name in GROUPS), "s, eV", "l", "t, eV", "noise, eV", "n",
    ]  # fmt: skip
    rows = [
        [
            correction.quantity,
            *_line(correction),
            *(f"{number:g}" for number in astuple(correction.process.hyperparameters)),
            f"{correction.n:,}",
        ]
        for correction in corrections
    ]
    return _markdown(header, rows)


def _line(correction: Correction) -> list[str]:
    """Return the cells of the linear part; a group that the quantity has no term for is empty."""
    numbers = [f"{number:+.3f}" for number in correction.process.line]
    of_groups = OF_QUANTITY.get(correction.quantity, ())
    others = numbers[: len(numbers) - len(of_groups)]
    terms = dict(zip(of_groups, numbers[len(others) :], strict=True))
    return [*others, *(terms.get(name, "") for name in GROUPS)]


def _correction_errors(table: pd.DataFrame) -> str:
    """Return a table of the errors of raw and calibrated xTB energies."""
    header = [
        "", "family", "n", "raw: MAE, eV", "raw: mean error", "calibrated: MAE, eV",
        "calibrated: mean error", "family left out: MAE, eV",
    ]  # fmt: skip
    rows = [
        [
            str(line["quantity"]),
            str(line["family"]),
            f"{line['n']:,}",
            f"{line['raw_mae']:.2f}",
            f"{line['raw_mean_error']:+.2f}",
            f"{line['mae']:.2f}",
            f"{line['mean_error']:+.2f}",
            f"{line['left_out_mae']:.2f}",
        ]
        for line in table.to_dict("records")
    ]
    return _markdown(header, rows)


def _scores(scores: pd.DataFrame) -> str:
    """Return a table of the accuracy against measured energies."""

    def text(value: float, form: str) -> str:
        return "n/a" if np.isnan(value) else format(value, form)

    rows = [
        [target, method, str(n), text(mae, ".2f"), text(mean_error, "+.2f"), text(r, ".3f")]
        for target, method, n, mae, mean_error, r in scores.itertuples(index=False)
    ]
    header = ["", "method", "n", "mean absolute error, eV", "mean error, eV", "Pearson r"]
    return _markdown(header, rows)
