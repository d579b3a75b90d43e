"""Measured potentials: read the table that the laboratory scale is fitted to, and convert it.

A row is one wave of one molecule as it was published, with value and reference electrode. The
potential vs ferrocene in the same solvent, which IUPAC recommends for non-aqueous media (Gritzner
and Kůta, Pure Appl. Chem. 56 (1984) 461, doi 10.1351/pac198456040461), is computed here.
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
from organode.electrochemistry.scale.potential import CHARGE_CHANGE
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
UNSEEN = "not re-read"  # evidence of a value that was not looked up again: it enters no fit
# In cells these react differently: the bond of a disulfide opens, an acid is there as its salt.
OTHERS = tuple(map(Chem.MolFromSmarts, ("[#16X2]-[#16X2]", "[OX2H]-[#6,#16]=O")))
TWO = ("0/-2", "0/-1")  # a two-electron couple, and its first one-electron couple
PROTIC = ("water", "MeOH", "EtOH")  # proton transfer takes part: other potentials
REVERSIBLE = ("yes", "no", "quasi", "unknown", "")


def read_measured(path: Path) -> pd.DataFrame:
    """Read a table of measured potentials.

    Parameters
    ----------
    path : Path
        A CSV file with the columns `NEEDED` and any of `OPTIONAL`; other columns are kept.

    Returns
    -------
    pandas.DataFrame
        The rows of the file with all of these columns as text, except `value` and `Fc` as numbers
        (V; `Fc` is the potential of Fc/Fc⁺ vs the row's reference where the authors give it), and
        with `E_Fc` (V vs Fc/Fc⁺ in the same solvent; NaN for cells) and `conversion` (how `E_Fc`
        was computed).

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
    """Return `value`, `Fc`, `E_Fc` and `conversion` of a row."""
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
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise UsageError(f"{name} is '{text}', not a number of volts")
    return number


def first_waves(table: pd.DataFrame, target: str) -> pd.DataFrame:
    """Return the first waves that a target's laboratory scale is fitted to and tested with.

    First waves in aprotic solution that were looked up: the couple q + 1/q of the oxidation of a
    species of charge q, the couple q/q − 1 of its reduction. The second reduction of a dication is
    the first reduction of the radical that it becomes (`organode.chem.reduction.reduced`), and
    is included as that.

    Parameters
    ----------
    table : pandas.DataFrame
        As `read_measured` returns it.
    target : str
        ``IE`` (oxidations) or ``EA`` (reductions).

    Returns
    -------
    pandas.DataFrame
        These rows with a new index, with `row` (in the file), and `flat`, the canonical SMILES of
        the species in the form that models know. An empty `family` is replaced by that of the
        structure, see `organode.chem.motifs`.
    """
    rows = _in_solution(table)
    rows["flat"] = [
        _before_wave(_species(smiles), couple, target)
        for smiles, couple in zip(rows["smiles"], rows["couple"], strict=True)
    ]
    return _with_families(rows[rows["flat"] != ""].reset_index(drop=True))


def _in_solution(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows in aprotic solution that were looked up, with their number in `row`."""
    chosen = table["E_Fc"].notna() & (table["evidence"] != UNSEEN) & ~table["solvent"].isin(PROTIC)
    return table[chosen].rename_axis("row").reset_index()


def _with_families(rows: pd.DataFrame) -> pd.DataFrame:
    pairs = zip(rows["family"], rows["flat"], strict=True)
    return rows.assign(family=[name or family(Chem.MolFromSmiles(flat)) for name, flat in pairs])


def second_waves(table: pd.DataFrame) -> pd.DataFrame:
    """Return the second waves and their splitting from the first ones.

    Both in aprotic solution, looked up, of the same species in the same solvent. If there are
    several first waves, that of the same paper is used, else their mean.

    Parameters
    ----------
    table : pandas.DataFrame
        As `read_measured` returns it.

    Returns
    -------
    pandas.DataFrame
        A row for each second wave: its columns, with a new index, with `row` (in the file),
        `target` (``IE`` of a second oxidation, ``EA`` of a second reduction), `flat` (the species
        before its first wave), `first` (V vs Fc/Fc⁺) and `splitting` (V, positive if the second
        electron needs the more extreme potential); `family` as in `first_waves`.
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
    """Return the potentials that were measured in lithium cells.

    Averages and plateaus vs Li/Li+ that were looked up, of one or two electrons. Without
    disulfides, whose bond opens, and without acids, which are in a cell as their salts.

    Parameters
    ----------
    table : pandas.DataFrame
        As `read_measured` returns it.
    target : str
        ``IE`` (p-type materials) or ``EA`` (n-type).

    Returns
    -------
    pandas.DataFrame
        These rows with a new index, with `flat` as in `first_waves`, and `electrons`, 1 or 2, that
        the potential is the average over.
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
    with rdBase.BlockLogs():
        try:
            return structure(smiles)[0]
        except MoleculeError:  # an element that no model covers
            return None


def _before_wave(molecule: Chem.Mol | None, couple: str, target: str) -> str:
    """Return the SMILES of the species whose first wave a couple is; empty if it is none."""
    if molecule is None:
        return ""
    smiles, charge = str(Chem.MolToSmiles(molecule)), Chem.GetFormalCharge(molecule)
    if couple == _couple(charge, target):
        return smiles
    if target == "EA" and couple == _couple(charge - 1, target):
        return reduced(smiles) or ""
    return ""


def _couple(charge: int, target: str) -> str:
    """Return the first couple of a species as in the table: oxidised/reduced form."""
    ends = sorted((charge, charge + CHARGE_CHANGE[target]), reverse=True)
    return "/".join(f"{end:+d}" if end else "0" for end in ends)
