"""The data card of the embedded set: what is in it, how it was made, how good it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib import metadata
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from rdkit import Chem

from embedded_set.experiment import SOURCES
from organode.chem.molecule import kind
from organode.label import conformer, dft, xtb
from organode.label.correction import FOLDS, LOWEST_GFN2, RELAXATIONS, Correction
from organode.label.relaxation import LARGEST_FORCE

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
        Which its labels are.
    solvent : str
        In which they were computed.
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
by extended tight binding, mapped to it. Species chosen: {total:,}; without a label:
{len(failures):,}, listed in `failures.csv`, each with its reason.

This card is written from the tables by `python data/embedded/build join`; do not edit it.

## Files

| file | rows | what |
|---|---|---|
| `molecules.csv` | {len(molecules):,} | the data set |
| `ions.parquet` | {len(made.ions):,} | what becomes of each with one electron less and more |
| `failures.csv` | {len(failures):,} | `smiles`, `source`, `family`, `reason` |
| `experiment.csv` | {len(measured):,} | measured and computed energies of known molecules |

## Columns of `molecules.csv`

All energies are in eV, on the absolute scale (vacuum level). Vertical: all charge states have the
relaxed geometry of the species. Adiabatic: each has its own.

| column | what |
|---|---|
| `smiles` | canonical SMILES without stereo; unique |
| `IE` | E(with one electron less) − E(species) in {solvent}, {default} |
| `EA` | E(species) − E(with one electron more) in {solvent}, {default} |
| `IE_vertical`, `EA_vertical` | the same, vertical |
| `IE_adiabatic`, `EA_adiabatic` | the same, adiabatic; empty where an ion falls apart, forms a \
bond or could not be relaxed |
| `level` | where the gas-phase part of `IE` and `EA` comes from: `b3lyp`, or `xtb` calibrated |
| `IE_ipea1`, `EA_ipea1` | vertical, in the gas phase, IPEA1-xTB, raw |
| `IE_gfn2`, `EA_gfn2` | the same, GFN2-xTB |
| `IE_calibrated`, `EA_calibrated` | the same, xTB mapped to B3LYP (see Correction) |
| `IE_b3lyp`, `EA_b3lyp` | the same, B3LYP/6-31+G(d); empty where not computed |
| `IE_relaxation_…`, `EA_relaxation_…` | by how much an ion gets lower when it relaxes, in the gas \
phase, by the same methods |
| `unbound` | the vertical reduced species is not bound in the gas phase (`EA_ipea1` ≤ 0) |
| `source` | `chemicals`: a compound of PubChem in the tables of that package; `enumerated`: the \
core of a family of electrode materials with substituents |
| `family` | the family enumerated, or the motif by which a real compound was found; empty for \
compounds drawn at random |

In {solvent}, energies are those of the gas phase, by B3LYP where there are such and else
calibrated, plus the difference of the solvation free energies of ion and species (GFN2-xTB with
ALPB) at the geometries in question.

## Columns of `ions.parquet`

Two rows a species, `ion` ``oxidised`` and ``reduced``, relaxed by GFN2-xTB in {solvent} from the
species' geometry and, where rings or substituents of aromatic rings can turn, from the rotamer
that is lowest for that charge.

| column | what |
|---|---|
| `charge`, `unpaired` | of the ion; the spin is that of lowest energy |
| `status` | `ok`, or what could not be computed |
| `adiabatic`, `adiabatic_ipea1`, `adiabatic_gfn2` | E(ion) − E(species), raw: in {solvent}, \
and in the gas phase by IPEA1-xTB and GFN2-xTB |
| `energy`, `energy_own` | total energies of ion and species, GFN2-xTB in {solvent} |
| `reorganisation` | inner-sphere reorganisation energy by four points |
| `rmsd` | by which the heavy atoms moved, ångström |
| `changes` | bonds that broke or formed, by the atoms' places in the SMILES |
| `loosest` | the single bond outside rings that lost most, and the share of its order left |
| `fragmentation`, `cleaved` | energy of the cheapest cleavage, and the bond; the part of the \
first atom keeps the electron or the hole |
| `deprotonation`, `deprotonated` | energy of the cheapest loss of a proton, without the proton's \
own, and the atom that bore it: of the oxidised ion; in a reduced ion's row, of the species |
| `further` | E(second ion) − E(ion) at the ion's geometry, raw, like `adiabatic` |
| `charges`, `spins` | Mulliken populations of the heavy atoms, their hydrogens included |

## How it was made

1. `python data/embedded/build pool` chooses the species: real compounds, with and without
   redox-active motifs, and members of the enumerated families, cations and radicals among them.
2. `organode label`, with the pool, `--adiabatic` and `--solvent {solvent}`, computes them: one
   conformer (ETKDGv3,
   seed {conformer.SEED}; MMFF94, or UFF where that has no parameters), relaxed by GFN2-xTB in the
   gas phase to forces below {LARGEST_FORCE} eV/Å, checked for changed bonds; then single points
   of the species and its ions, and relaxed ions. {xtb.SHIFT} eV, the empirical shift of IPEA1-xTB,
   is subtracted from both raw energies, for GFN2-xTB too.
3. `organode label --level b3lyp` computes some of them, and measured molecules, by B3LYP/6-31+G(d)
   with density fitting on geometries by GFN2-xTB, in the gas phase; of a part, relaxed ions too.
4. `python data/embedded/build join` joins labels and pool, fits the calibration and writes this
   folder.

Software: {_software()}.

## What is in it

From {smallest} to {largest} heavy atoms. Elements: {", ".join(elements)}.
The reduced form of {molecules["unbound"].mean():.1%} of the species is unbound in the gas phase.

{_counts(molecules, failures)}

### Failures

{_reasons(failures)}

### Distribution (eV)

{_quantiles(molecules)}

### Relaxed ions

{_fates(made.ions)}

## Correction

B3LYP/6-31+G(d) ≈ constant + a · IPEA1-xTB + b · GFN2-xTB by least squares, and a Gaussian process
on what this line leaves: from xTB's energies of both targets, the size and the frontier orbital of
the Hückel model; of relaxation likewise. GFN2-xTB's values count as no lower than {LOWEST_GFN2:g}
eV, relaxations as {RELAXATIONS[0]:g} to {RELAXATIONS[1]:g} eV. The process follows
deviations of size s over l standard deviations of its inputs.

{_maps(made.calibrations)}

Errors against B3LYP, raw (IPEA1-xTB) and calibrated, the latter out of fold ({FOLDS} folds) and,
last, by a map that had seen no molecule of the family:

{_calibration(made.calibration_errors)}

The maps were fitted to species of at most {dft.MOST_HEAVY_ATOMS} heavy atoms; on larger ones they
are extrapolations.

## Accuracy

Gas phase, against measured values of {gas_ok} molecules (`experiment.csv`); error = computed −
measured. Measured IEs are adiabatic, the computed ones vertical, so that part of a positive error
is the relaxation of the cation. Measured EAs > 0 are adiabatic as well, the negative ones are
vertical. "EA, bound" leaves the negative ones out.

{_scores(made.accuracy)}

The measured values were compiled by hand, and only part of them was compared with a second
source: look a value up before you rely on it. Their sources, by the keys of `IE_source` and
`EA_source`:

{sources}

## Known limits

- Where `changes` is not empty an ion falls apart or rearranges in the calculation; whether it does
  so in the laboratory within a scan is another question.
- Most rows are tight binding, not density functional theory: the tables above say how far off it
  is for small, well-known molecules. Large, strained or charge-separated ones may be worse.
- Where `unbound` is true, the gas-phase EA has hardly any meaning: a finite basis cannot describe
  an electron that leaves. There GFN2-xTB gives far too negative values, IPEA1-xTB values whose
  order means little. In {solvent} the solvation of the anion dominates such an `EA`.
- Solvation is that of a continuum in equilibrium with each charge state, for vertical ions too;
  there is no ion pairing, no explicit solvent, no proton transfer.
- Few conformers (see `ions.parquet`), one tautomer (as written) and one stereoisomer (as embedded)
  stand for all.
- One component each: no salts, and no metals.
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
    """Return ``neutral``, ``cation`` or ``anion`` of a closed shell, or ``radical``."""
    found = kind(Chem.MolFromSmiles(smiles))
    if found.unpaired:
        return "radical"
    return ("anion", "neutral", "cation")[1 + (found.charge > 0) - (found.charge < 0)]


def _fates(ions: pd.DataFrame) -> str:
    """Say what became of the ions."""
    rows = []
    for name, part in ions.groupby("ion"):
        broke = part["changes"].map(lambda changes: any(one.startswith("broke") for one in changes))
        moved = part["reorganisation"].dropna()
        rows.append([
            str(name), f"{len(part):,}", f"{(part['status'] == 'ok').mean():.1%}",
            f"{broke.mean():.1%}", f"{(part['fragmentation'] < 0).mean():.1%}",
            f"{moved.median():.2f}", f"{moved.quantile(0.95):.2f}",
        ])  # fmt: skip
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


def _maps(calibrations: Sequence[Correction]) -> str:
    rows = [
        [
            c.quantity, *(f"{number:+.3f}" for number in c.line),
            f"{c.deviation:g}", f"{c.length:g}", f"{c.noise:g}", f"{c.n:,}",
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
            str(one["quantity"]), str(one["family"]), f"{one['n']:,}", f"{one['raw_mae']:.2f}",
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
