"""Measured potentials: the table that the laboratory scale is fitted to, read and converted.

A row is one wave of one molecule as somebody printed it: value and reference stay as they are, and
what they are worth against ferrocene in the same solvent, which IUPAC recommends for non-aqueous
media (Gritzner and Kůta, Pure Appl. Chem. 56 (1984) 461, doi 10.1351/pac198456040461), is computed
here.
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
from organode.errors import OrganodeError, UsageError
from organode.utils.tables import read_csv

NEEDED = ("smiles", "couple", "value", "reference", "solvent")
OPTIONAL = (
    "name", "family", "kind", "salt", "Fc", "reversible", "citation", "doi", "evidence",
    "compilation", "remark", "flag",
)  # fmt: skip
ELECTRONS = {"IE": 1, "EA": -1}  # that a species has lost after its first wave
CELL = "cell"  # kind of a row that is a battery's average potential
UNSEEN = "not re-read"  # evidence of a value that nobody looked up: it enters no fit
# What a cell works with is something else: a bond that opens, the salt of an acid.
OTHERS = tuple(map(Chem.MolFromSmarts, ("[#16X2]-[#16X2]", "[OX2H]-[#6,#16]=O")))
TWO = ("0/-2", "0/-1")  # a couple of two electrons, and its first
PROTIC = ("water", "MeOH", "EtOH")  # protons take part: another quantity
REVERSIBLE = ("yes", "no", "quasi", "unknown", "")


def read_measured(path: Path) -> pd.DataFrame:
    """Read a table of measured potentials.

    Parameters
    ----------
    path : Path
        A CSV file with `NEEDED` and any of `OPTIONAL`; other columns stay as they are.

    Returns
    -------
    pandas.DataFrame
        The file's rows with all of these columns as text, `value` and `Fc` as numbers (V; the
        latter is the potential of Fc/Fc⁺ against the row's own reference where the authors give
        it), and `E_Fc` (V vs Fc/Fc⁺ in the same solvent; NaN for cells) and `conversion`, which
        says how that was computed.

    Raises
    ------
    OrganodeError
        If the file is missing or a column is.
    UsageError
        If a row cannot be understood; the message names it.
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
    said = []
    for row, record in enumerate(table.to_dict("records")):
        cells = {str(name): str(cell) for name, cell in record.items()}
        try:
            value, ferrocene, volts, how = _converted(cells)
        except UsageError as problem:
            named = f" ({cells['name']})" if cells["name"] else ""
            raise UsageError(f"{path}, row {row}{named}: {problem}") from problem
        for name, number in (("value", value), ("Fc", ferrocene), ("E_Fc", volts)):
            numbers[name].append(number)
        said.append(how)
    return table.assign(**numbers, conversion=pd.array(said, "str"))


def _converted(cells: dict[str, str]) -> tuple[float, float, float, str]:
    """Return a row's value, its authors' ferrocene, its potential vs Fc/Fc⁺, and how it is got."""
    value = _number(cells["value"], "value")
    ferrocene = _number(cells["Fc"], "Fc") if cells["Fc"] else math.nan
    if cells["reversible"] not in REVERSIBLE:
        raise UsageError(
            f"reversible is '{cells['reversible']}': write {', '.join(REVERSIBLE[:-1])} or nothing"
        )
    if cells["kind"] == CELL:
        return value, ferrocene, math.nan, "a cell: not a potential in solution"
    if not math.isnan(ferrocene):
        return (
            value,
            ferrocene,
            round(value - ferrocene, 3),
            (f"Fc/Fc+ at {ferrocene:g} V on the authors' own reference"),
        )
    if cells["reference"] == FC:
        return value, ferrocene, value, "as printed"
    found = against_fc(cells["reference"], cells["solvent"])
    how = f"{found.reference} at {found.volts:+.3f} ± {found.uncertainty:.3f} V vs Fc/Fc+"
    if found.taken_from != found.solvent:
        how += f", taken from {found.taken_from}"
    return value, ferrocene, round(value + found.volts, 3), how


def _number(text: str, name: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise UsageError(f"{name} is '{text}', not a number of volts")
    return number


def first_waves(table: pd.DataFrame, target: str) -> pd.DataFrame:
    """Return the rows that a target's scale is fitted to and judged by.

    First waves in solution, aprotic, that somebody has looked up: of a species of charge q that is
    oxidised the couple q + 1/q, of one that is reduced q/q − 1. A dication's second reduction is
    the first of the radical that it has become (`organode.chem.reduction.reduced`), and stands here
    as that.

    Parameters
    ----------
    table : pandas.DataFrame
        As `read_measured` returns it.
    target : str
        ``IE`` (oxidations) or ``EA`` (reductions).

    Returns
    -------
    pandas.DataFrame
        Those rows, numbered anew, with `row` (in the file) and `flat`, the canonical
        SMILES of the species as models know it; where `family` names none, it is that of the
        molecule's most telling group.
    """
    some = _in_solution(table)
    some["flat"] = [
        _before(_species(smiles), couple, target)
        for smiles, couple in zip(some["smiles"], some["couple"], strict=True)
    ]
    return _with_families(some[some["flat"] != ""].reset_index(drop=True))


def _in_solution(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows that potentials in solution may be fitted to, with `row`, their number."""
    chosen = table["E_Fc"].notna() & (table["evidence"] != UNSEEN) & ~table["solvent"].isin(PROTIC)
    return table[chosen].rename_axis("row").reset_index()


def _with_families(known: pd.DataFrame) -> pd.DataFrame:
    named = zip(known["family"], known["flat"], strict=True)
    return known.assign(family=[name or family(Chem.MolFromSmiles(flat)) for name, flat in named])


def second_waves(table: pd.DataFrame) -> pd.DataFrame:
    """Return by how much second waves differ from first ones.

    Both in solution, aprotic, looked up, of the same species in the same solvent. Where a first
    wave was measured more than once, that of the same paper counts, else the mean.

    Parameters
    ----------
    table : pandas.DataFrame
        As `read_measured` returns it.

    Returns
    -------
    pandas.DataFrame
        One row for each second wave: its own columns, numbered anew, with `row` (in the file),
        `target` (``IE`` of a second oxidation, ``EA`` of a second reduction), `flat` (the species
        before its first wave), `first` (V vs Fc/Fc⁺) and `splitting` (V, positive where the second
        electron is the harder one); `family` as in `first_waves`.
    """
    some = _in_solution(table)
    species = [_species(smiles) for smiles in some["smiles"]]
    some["flat"] = ["" if one is None else str(Chem.MolToSmiles(one)) for one in species]
    charges = [0 if one is None else Chem.GetFormalCharge(one) for one in species]
    found = []
    for place, charge in enumerate(charges):
        for target, sign in ELECTRONS.items():
            second = some.iloc[place]
            if not second["flat"] or second["couple"] != _couple(charge + sign, target):
                continue
            same = some[["flat", "solvent"]].eq(second[["flat", "solvent"]]).all(axis=1)
            first = some[same & (some["couple"] == _couple(charge, target))]
            of_paper = first[first["doi"] == second["doi"]]
            first = first if of_paper.empty else of_paper
            if not first.empty:
                volts = float(first["E_Fc"].mean())
                apart = sign * (second["E_Fc"] - volts)
                found.append({**second, "target": target, "first": volts, "splitting": apart})
    columns = [*some.columns, "target", "first", "splitting"]
    return _with_families(pd.DataFrame(found, columns=columns))


def in_cells(table: pd.DataFrame, target: str) -> pd.DataFrame:
    """Return the rows that say what lithium cells make of a species' potentials.

    Averages and plateaus vs Li/Li+ that somebody has looked up, of one or of two electrons.
    Disulfides, whose bond opens, and acids, which stand for
    their salts, stay out.

    Parameters
    ----------
    table : pandas.DataFrame
        As `read_measured` returns it.
    target : str
        ``IE`` (p-type materials) or ``EA`` (n-type).

    Returns
    -------
    pandas.DataFrame
        Those rows, numbered anew, with `flat` as in `first_waves`, and `electrons`, 1 or 2, that
        the potential is the average of.
    """
    chosen = (table["kind"] == CELL) & (table["reference"] == LI) & (table["evidence"] != UNSEEN)
    some = table[chosen].reset_index(drop=True)
    species = [_species(smiles) for smiles in some["smiles"]]
    flat = [
        "" if one is None or any(map(one.HasSubstructMatch, OTHERS)) else
        _before(one, couple.replace(*TWO) if target == "EA" else couple, target)
        for one, couple in zip(species, some["couple"], strict=True)
    ]  # fmt: skip
    electrons = some["couple"].eq(TWO[0]).add(1)
    known = some.assign(flat=flat, electrons=electrons).query("flat != ''")
    return known.reset_index(drop=True)


def _species(smiles: str) -> Chem.Mol | None:
    with rdBase.BlockLogs():
        try:
            return structure(smiles)[0]
        except MoleculeError:  # an element that no model knows
            return None


def _before(drawn: Chem.Mol | None, couple: str, target: str) -> str:
    """Return the SMILES of the species whose first wave a couple is; empty if it is no such."""
    if drawn is None:
        return ""
    smiles, charge = str(Chem.MolToSmiles(drawn)), Chem.GetFormalCharge(drawn)
    if couple == _couple(charge, target):
        return smiles
    if target == "EA" and couple == _couple(charge - 1, target):
        return reduced(smiles) or ""
    return ""


def _couple(charge: int, target: str) -> str:
    """Return a species' first couple as the table writes it: oxidised/reduced form."""
    ends = sorted((charge, charge + ELECTRONS[target]), reverse=True)
    return "/".join(f"{end:+d}" if end else "0" for end in ends)
