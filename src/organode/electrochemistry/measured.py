"""Read the table of measured potentials, and convert these to V vs ferrocene.

The laboratory scale, the model that predicts measured potentials from computed energies, is fitted
to this table. A row is one wave (step of a voltammogram) of one molecule, or the potential of one
battery cell, as published, with value and reference electrode. This module computes the potential
vs ferrocene in the same solvent, which IUPAC recommends for non-aqueous media (Gritzner and Kůta,
Pure Appl. Chem. 56 (1984) 461, doi 10.1351/pac198456040461).
"""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
from rdkit import Chem, rdBase

from organode.chem import MoleculeError, structure
from organode.chem.motifs import family
from organode.chem.reduction import reduced
from organode.electrochemistry.references import FC, LI, against_fc
from organode.electrochemistry.types import CHARGE_CHANGE
from organode.errors import OrganodeError, UsageError
from organode.utils.tables import read_csv

NEEDED = ("smiles", "couple", "value", "reference", "solvent")
OPTIONAL = (
    "name",
    "family",
    "kind",
    "salt",
    "Fc",
    "reversible",
    "citation",
    "doi",
    "evidence",
    "compilation",
    "remark",
    "flag",
)
CELL = "cell"  # kind of a row: the average potential of a battery electrode
UNSEEN = "not re-read"  # evidence of a value not verified in a publication: it enters no fit
# Disulfides and acids react differently in cells: the S-S bond opens, the acid is its salt.
OTHERS = tuple(map(Chem.MolFromSmarts, ("[#16X2]-[#16X2]", "[OX2H]-[#6,#16]=O")))
TWO = ("0/-2", "0/-1")  # the couple of two electrons, and the couple of the first of them
PROTIC = ("water", "MeOH", "EtOH")  # they exchange protons with the ions, which changes potentials
REVERSIBLE = ("yes", "no", "quasi", "unknown", "")


def read_measured(path: Path) -> pd.DataFrame:
    """Read a table of measured potentials.

    Parameters
    ----------
    path : Path
        A CSV file with the columns `NEEDED`: `smiles`, `couple` (charges of the oxidised and the
        reduced form: ``0/-1`` is the first reduction of a neutral molecule), `value` (V vs
        `reference`), `reference` (such as ``SCE``) and `solvent` (such as ``ACN``). Any of
        `OPTIONAL`, which `data/measured/README.md` explains, may be missing. Other columns are
        kept.

    Returns
    -------
    pandas.DataFrame
        The rows of the file with all columns of `NEEDED` and `OPTIONAL`. The columns are text,
        empty where the file has nothing, except the numbers `value` and `Fc` (V; `Fc` is the
        potential of Fc/Fc⁺ vs the row's reference electrode, NaN if the authors do not give it).
        Two columns are new: `E_Fc` (the potential in V vs Fc/Fc⁺ in the same solvent; NaN for
        battery cells) and `conversion` (a text on how `E_Fc` was computed).

    Raises
    ------
    OrganodeError
        If the file or a column is missing.
    UsageError
        If a row is invalid; the message names the row.
    """
    if not path.is_file():
        raise OrganodeError(
            f"{path} is missing: the table of measured potentials that the laboratory scale is "
            "fitted to (calibrate.measured in params.yaml)"
        )
    table = read_csv(path, dtype=str, keep_default_na=False)
    lacking = [name for name in NEEDED if name not in table]
    if lacking:
        raise OrganodeError(
            f"{path} has no column {', '.join(map(repr, lacking))}: a row needs {', '.join(NEEDED)}"
        )
    for name in OPTIONAL:
        if name not in table:
            table[name] = ""
    numbers: dict[str, list[float]] = {name: [] for name in ("value", "Fc", "E_Fc")}
    conversions = []
    for row, record in enumerate(table.to_dict("records")):
        cells = {str(name): str(cell) for name, cell in record.items()}
        try:
            value, ferrocene, volts, how = _converted(cells)
        except UsageError as problem:
            named = f" ({cells['name']})" if cells["name"] else ""
            raise UsageError(f"{path}, row {row}{named}: {problem}") from problem
        for name, number in (("value", value), ("Fc", ferrocene), ("E_Fc", volts)):
            numbers[name].append(number)
        conversions.append(how)
    return table.assign(**numbers, conversion=pd.array(conversions, "str"))


def _converted(cells: dict[str, str]) -> tuple[float, float, float, str]:
    """Return `value`, `Fc`, `E_Fc` and `conversion` of a row, as `read_measured` describes them.

    `cells` is the text of the row in each column, by the column's name. Numbers are in V, and NaN
    if unknown.
    """
    value = _number(cells["value"], "value")
    ferrocene = _number(cells["Fc"], "Fc") if cells["Fc"] else math.nan
    if cells["reversible"] not in REVERSIBLE:
        raise UsageError(
            f"reversible is '{cells['reversible']}': write {', '.join(REVERSIBLE[:-1])} or nothing"
        )
    if cells["kind"] == CELL:
        return value, ferrocene, math.nan, "a cell: not a potential in solution"
    if not math.isnan(ferrocene):
        how = f"Fc/Fc+ at {ferrocene:g} V on the authors' own reference"
        return value, ferrocene, round(value - ferrocene, 3), how
    if cells["reference"] == FC:
        return value, ferrocene, value, "as printed"
    known = against_fc(cells["reference"], cells["solvent"])
    how = f"{known.reference} at {known.volts:+.3f} ± {known.uncertainty:.3f} V vs Fc/Fc+"
    if known.taken_from != known.solvent:
        how += f", taken from {known.taken_from}"
    return value, ferrocene, round(value + known.volts, 3), how


def _number(text: str, name: str) -> float:
    """Return the text in a table cell as a finite number; errors mention `name`, the column."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise UsageError(f"{name} is '{text}', not a number of volts")
    return number


def first_waves(table: pd.DataFrame, target: str) -> pd.DataFrame:
    """Return the first waves to which the laboratory scale of a target is fitted.

    The laboratory scale predicts measured potentials from computed energies. The first wave of a
    species of charge q is the couple (q + 1)/q for its oxidation and q/(q − 1) for its reduction.
    The second reduction of a cation with two or more charges is also included, as the first
    reduction of the radical that this cation becomes (`organode.chem.reduction.reduced`).
    Waves in protic solvents, and values not verified in a publication, are left out.

    Parameters
    ----------
    table : pandas.DataFrame
        As `read_measured` returns it.
    target : str
        ``IE`` (oxidations) or ``EA`` (reductions).

    Returns
    -------
    pandas.DataFrame
        The rows of these waves, numbered anew. Two columns are new: `row`, the row's number in
        `table`, and `flat`, the canonical SMILES without stereochemistry of the species before the
        wave. An empty `family` is replaced by the family of the structure, such as ``quinone``
        (`organode.chem.motifs.family`).
    """
    rows = _in_solution(table)
    rows["flat"] = [
        _before_wave(_species(smiles), couple, target)
        for smiles, couple in zip(rows["smiles"], rows["couple"], strict=True)
    ]
    return _with_families(rows[rows["flat"] != ""].reset_index(drop=True))


def _in_solution(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `table` that are waves in aprotic solvents, verified in a publication.

    The new column `row` is the number of the row in `table`.
    """
    chosen = table["E_Fc"].notna() & (table["evidence"] != UNSEEN) & ~table["solvent"].isin(PROTIC)
    return table[chosen].rename_axis("row").reset_index()


def _with_families(rows: pd.DataFrame) -> pd.DataFrame:
    """Fill empty cells of the column `family` with the family of the molecule in `flat`."""
    pairs = zip(rows["family"], rows["flat"], strict=True)
    return rows.assign(family=[name or family(Chem.MolFromSmiles(flat)) for name, flat in pairs])


def second_waves(table: pd.DataFrame) -> pd.DataFrame:
    """Return the second waves and their splitting, the distance in volts from the first wave.

    First and second wave are of the same species in the same aprotic solvent; a second wave without
    a first wave and values not verified in a publication are left out. If several first waves were
    measured, the mean of those in the second wave's paper is used, or the mean of all first waves
    if there is none in that paper.

    Parameters
    ----------
    table : pandas.DataFrame
        As `read_measured` returns it.

    Returns
    -------
    pandas.DataFrame
        A row for each second wave, numbered anew, with the columns of `table` and five more:
        `row`, the row's number in `table`; `target`, ``IE`` for a second oxidation or ``EA`` for a
        second reduction; `flat`, the canonical SMILES without stereochemistry of the species before
        its first wave; `first`, the potential of the first wave, V vs Fc/Fc⁺; `splitting`, V,
        positive if the second wave is at a higher potential for an oxidation, or at a lower
        potential for a reduction. An empty `family` is filled as in `first_waves`.
    """
    rows = _in_solution(table)
    molecules = [_species(smiles) for smiles in rows["smiles"]]
    rows["flat"] = ["" if mol is None else str(Chem.MolToSmiles(mol)) for mol in molecules]
    charges = [0 if mol is None else Chem.GetFormalCharge(mol) for mol in molecules]
    records = []
    for position, charge in enumerate(charges):
        for target, sign in CHARGE_CHANGE.items():
            second = rows.iloc[position]
            if not second["flat"] or second["couple"] != _couple(charge + sign, target):
                continue
            same = rows[["flat", "solvent"]].eq(second[["flat", "solvent"]]).all(axis=1)
            first = rows[same & (rows["couple"] == _couple(charge, target))]
            of_paper = first[first["doi"] == second["doi"]]
            first = first if of_paper.empty else of_paper
            if not first.empty:
                volts = float(first["E_Fc"].mean())
                splitting = sign * (second["E_Fc"] - volts)
                records.append({**second, "target": target, "first": volts, "splitting": splitting})
    columns = [*rows.columns, "target", "first", "splitting"]
    return _with_families(pd.DataFrame(records, columns=columns))


def in_cells(table: pd.DataFrame, target: str) -> pd.DataFrame:
    """Return the potentials of organic molecules that were measured in lithium cells.

    Each potential, in V vs Li/Li+, is an average or plateau over the transfer of one or two
    electrons. Left out are values not verified in a publication, disulfides, whose S–S bond opens
    in a cell, and carboxylic and sulfonic acids, which form salts in a cell.

    Parameters
    ----------
    table : pandas.DataFrame
        As `read_measured` returns it.
    target : str
        ``IE`` (p-type materials) or ``EA`` (n-type).

    Returns
    -------
    pandas.DataFrame
        The rows of these potentials, numbered anew. Two columns are new: `flat`, as in
        `first_waves`, and `electrons`, the number of electrons, 1 or 2, over which the potential
        is averaged.
    """
    chosen = (table["kind"] == CELL) & (table["reference"] == LI) & (table["evidence"] != UNSEEN)
    rows = table[chosen].reset_index(drop=True)
    flat = []
    for smiles, couple in zip(rows["smiles"], rows["couple"], strict=True):
        molecule = _species(smiles)
        if molecule is not None and any(map(molecule.HasSubstructMatch, OTHERS)):
            molecule = None
        first = couple.replace(*TWO) if target == "EA" else couple
        flat.append(_before_wave(molecule, first, target))
    electrons = rows["couple"].eq(TWO[0]).add(1)
    known = rows.assign(flat=flat, electrons=electrons).query("flat != ''")
    return known.reset_index(drop=True)


def _species(smiles: str) -> Chem.Mol | None:
    """Return the standardised molecule of a SMILES, without stereo; None if no model covers it."""
    with rdBase.BlockLogs():
        try:
            return structure(smiles)[0]
        except MoleculeError:  # an element that no model covers
            return None


def _before_wave(molecule: Chem.Mol | None, couple: str, target: str) -> str:
    """Return the SMILES of the species whose first wave is `couple`, empty if there is none.

    The species is the molecule itself. If `couple` is the second reduction of a cation with two or
    more charges, the species is the radical that the first reduction makes of this cation.
    """
    if molecule is None:
        return ""
    smiles, charge = str(Chem.MolToSmiles(molecule)), Chem.GetFormalCharge(molecule)
    if couple == _couple(charge, target):
        return smiles
    if target == "EA" and couple == _couple(charge - 1, target):
        return reduced(smiles) or ""
    return ""


def _couple(charge: int, target: str) -> str:
    """Return the couple of a species' first wave, such as ``0/-1`` for charge 0 and ``EA``."""
    ends = sorted((charge, charge + CHARGE_CHANGE[target]), reverse=True)
    return "/".join(f"{end:+d}" if end else "0" for end in ends)
