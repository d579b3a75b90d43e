"""Write the set of cheap labels from which networks learn before they learn better ones."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

import numpy as np
import pandas as pd

from embedded_set.dataset import LABELLED, NUMBERS, read_columns
from embedded_set.pool import heavy_atoms
from organode.artifacts import TARGETS
from organode.errors import OrganodeError
from organode.label.correction import fit
from organode.utils.files import replacing
from organode.utils.tables import read_csv, write_csv, write_table

TABLE, FAILURES, CARD = "molecules.parquet", "failures.csv", "README.md"
FRONTIER = ["HOMO_gfn2", "LUMO_gfn2"]
ORIGIN = ["smiles", "source", "family"]
SOURCES = {
    "chemicals": "compounds of PubChem in the tables of that package (MIT)",
    "molsets": "drug-like compounds of ZINC in that package (MIT)",
    "enumerated": "members of families of electrode materials, radicals and cations among them",
    "joined": "two such compounds or members, joined by a bond or a short bridge",
    "decorated": "ring systems of both, with one or two kinds of groups in one to all places",
    "varied": "such compounds and members, changed at random in one to three places",
}
SOFTWARE = ("rdkit", "tblite", "ase", "chemicals")


def extend_pretraining(
    pool: pd.DataFrame, labels: Sequence[Path], out: Path, embedded: Path
) -> pd.DataFrame:
    """Add labelled molecules to the set, and write its card anew.

    Parameters
    ----------
    pool : pandas.DataFrame
        `smiles`, `source` and `family` of the molecules that are labelled.
    labels : sequence of Path
        Tables by `organode.label.engine.label_table` (level ``xtb``, in a solvent, without relaxed
        ions) of some of these molecules. Molecules that the set holds already are left as they are.
    embedded : Path
        The embedded set, ``molecules.csv``, from which the correction of xTB to B3LYP is fitted.
    out : Path
        Folder of the set: ``molecules.parquet``, ``failures.csv`` and ``README.md``; it may be
        empty.

    Returns
    -------
    pandas.DataFrame
        The whole set: `smiles`, `source`, `family`, the energies of `LABELLED`, `HOMO_gfn2` and
        `LUMO_gfn2`, all in eV and rounded to 0.0001 eV, `unbound`, and `IE` and `EA`, which mean
        what they mean in the embedded set.

    Raises
    ------
    OrganodeError
        If a table cannot be read or lacks a column, or a molecule is not in the pool.
    """
    columns = [*LABELLED, *FRONTIER]
    new = pd.concat([read_columns(path, columns, "a table of labels by xTB") for path in labels])
    new = new[columns].sort_values("status", key=lambda status: status != "ok", kind="stable")
    new = new.drop_duplicates("smiles").merge(pool[ORIGIN], on="smiles", how="left")
    strange = new.loc[new["source"].isna(), "smiles"]
    if len(strange):
        raise OrganodeError(f"{strange.iloc[0]} is not in the pool: is this the right pool?")
    is_labelled = new["status"] == "ok"
    labelled = new.loc[is_labelled, [*ORIGIN, *NUMBERS, *FRONTIER, "unbound"]]
    labelled = labelled.astype({"family": "str", "unbound": bool}).fillna({"family": ""})
    labelled = labelled.round(dict.fromkeys([*NUMBERS, *FRONTIER], 4))
    failed = new.loc[~is_labelled, [*ORIGIN, "status"]].rename(columns={"status": "reason"})
    if (out / TABLE).exists():
        earlier = pd.read_parquet(out / TABLE).drop(columns=[*TARGETS], errors="ignore")
        labelled = pd.concat([earlier, labelled], ignore_index=True)
        failed = pd.concat([read_csv(out / FAILURES), failed], ignore_index=True)
    labelled = labelled.drop_duplicates("smiles", ignore_index=True)
    failed = failed[~failed["smiles"].isin(labelled["smiles"])]
    failed = failed.drop_duplicates("smiles", ignore_index=True).fillna("")
    labelled = labelled.assign(**_corrected(labelled, read_csv(embedded)))
    out.mkdir(parents=True, exist_ok=True)
    write_table(labelled, out / TABLE)
    write_csv(failed, out / FAILURES)
    with replacing(out / CARD) as temporary:
        temporary.write_text(card(labelled, failed), encoding="utf-8")
    return labelled


def _corrected(labelled: pd.DataFrame, embedded: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return IE and EA on the protocol of the embedded set, eV.

    The gas phase's energies are corrected from xTB to B3LYP; solvation energies remain xTB's.
    """
    return {target: np.round(fit(embedded, target).in_solvent(labelled), 4) for target in TARGETS}


def card(labelled: pd.DataFrame, failed: pd.DataFrame) -> str:
    """Return the card of the set as Markdown."""
    heavy = np.array([heavy_atoms(smiles) for smiles in labelled["smiles"]])
    by_source = (
        (source, text, heavy[(labelled["source"] == source).to_numpy()])
        for source, text in SOURCES.items()
    )
    rows = "\n".join(
        f"| `{source}` | {text} | {len(size):,} | {size.mean():.1f} | {size.max()} |"
        for source, text, size in by_source
        if len(size)
    )
    ranges = []
    for name in (*TARGETS, *NUMBERS, *FRONTIER):
        low, median, high = labelled[name].quantile([0, 0.5, 1])
        ranges.append(f"| `{name}` | {low:.2f} | {median:.2f} | {high:.2f} |")
    of_energies = "\n".join(ranges)
    software = ", ".join(f"{name} {metadata.version(name)}" for name in SOFTWARE)
    return f"""# Pre-training set

Vertical ionization energies (IE) and electron affinities (EA) of {len(labelled):,} organic
species by extended tight binding, chosen to be as unlike one another as possible.
They are cheap and plentiful: networks learn from them before they learn the labels of the
[embedded set](../embedded/README.md), of which no molecule is among them.
`failures.csv` lists {len(failed):,} molecules without a label, each with its reason.

This card is written by `python data/embedded/build pretraining`; do not edit it.

## Columns of `molecules.parquet`

Energies are in eV, on the absolute scale.

| column | content |
|---|---|
| `smiles` | canonical SMILES without stereo; unique |
| `source` | where the molecule comes from, see below |
| `family` | of an enumerated molecule; empty for others |
| `IE`, `EA` | vertical, in acetonitrile, as in the embedded set: xTB corrected to B3LYP |
| `IE_ipea1`, `EA_ipea1` | vertical, in the gas phase, IPEA1-xTB |
| `IE_gfn2`, `EA_gfn2` | the same, GFN2-xTB |
| `IE_vertical`, `EA_vertical` | IPEA1-xTB with solvation by GFN2-xTB and ALPB, acetonitrile |
| `HOMO_gfn2`, `LUMO_gfn2` | orbital energies, GFN2-xTB, gas phase |
| `unbound` | the anion is not bound in the gas phase (`EA_ipea1` ≤ 0) |

| source |  | species | heavy atoms, mean | largest |
|---|---|---|---|---|
{rows}

| energy, eV | smallest | median | largest |
|---|---|---|---|
{of_energies}

## How it was made

1. `python data/embedded/build diverse pool.csv` chooses the molecules, `python
   data/embedded/build joined large.csv` large ones, of 24 to 40 heavy atoms, and `python
   data/embedded/build decorated dense.csv` densely substituted ring systems.
2. `organode label pool.csv --solvent acetonitrile` computes them, as the embedded set's: one
   conformer, relaxed by GFN2-xTB in the gas phase, checked for changed bonds; single points of
   molecule and ions at that geometry. How far these methods are from B3LYP and from measured
   energies is on the card of the embedded set.
3. `python data/embedded/build pretraining pool.csv labels.csv` adds the labels to the set. Parts
   can be added at any time: any first part of the pool is a diverse choice.

Software: {software}.
"""
