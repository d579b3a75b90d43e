"""Redox couples observed to be reversible or irreversible: data on the stability of ions."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
from rdkit import Chem

from organode.chem import MoleculeError, structure
from organode.chem.motifs import family
from organode.electrochemistry.measured import CELL, UNSEEN, read_measured
from organode.electrochemistry.stability.rules import OXIDISED, REDUCED
from organode.errors import OrganodeError, UsageError
from organode.utils.tables import read_csv

RETURNS = {"yes": True, "quasi": True, "no": False}  # texts in the column `reversible`
FAST = re.compile("reversible only at|not voltammetry")  # in the remark of a couple that is `fast`
COLUMNS = ("name", "smiles", "side", "reversible", "citation")  # required in the literature table
KEPT = ("name", "smiles", "side", "family", "reversible", "fast", "citation", "doi", "origin")
MEASURED, LITERATURE = "measured", "literature"


def read_couples(measured: Path, literature: Path) -> pd.DataFrame:
    """Read the redox couples whose reversibility is known, each the first wave of a species.

    The first wave of a species of charge q is the couple (q + 1)/q for its oxidation and
    q/(q − 1) for its reduction. Potentials of battery cells, and rows not verified in a
    publication, are left out. A couple in several rows counts once; it is reversible if it is so
    in any of these rows.

    Parameters
    ----------
    measured : Path
        The table of measured potentials, a CSV file for
        `organode.electrochemistry.measured.read_measured`.
    literature : Path
        A CSV file of couples without a potential. It has the columns `COLUMNS` (`side`:
        ``oxidised`` or ``reduced``; `reversible`: ``yes``, ``quasi`` or ``no``); `evidence`, `doi`
        and `remark` are optional.

    Returns
    -------
    pandas.DataFrame
        A row for each couple, columns `KEPT`: `smiles` (of the species before the electron moves,
        canonical, without stereochemistry), `side` (the form that results, `OXIDISED` or
        `REDUCED`), `family` (such as ``quinone``, from `organode.chem.motifs`), `reversible`
        (bool), `fast` (bool: whether the remark on the couple says that it is reversible only at
        high scan rates, or was not measured by voltammetry), `origin` (the file: `MEASURED` or
        `LITERATURE`); `name`, `citation` and `doi` as in the file.

    Raises
    ------
    OrganodeError
        If a file or a column is missing.
    UsageError
        If a row is invalid; the message names the row.
    """
    rows = [*_measured(read_measured(measured)), *_literature(literature)]
    table = pd.DataFrame(rows, columns=list(KEPT))
    table = table.sort_values("reversible", ascending=False, kind="stable")
    return table.drop_duplicates(["smiles", "side"]).sort_index().reset_index(drop=True)


def couples_sha256(couples: pd.DataFrame) -> str:
    """Return one SHA-256, in hexadecimal, of the side, SMILES and reversibility of all couples."""
    rows = couples[["side", "smiles", "reversible"]].sort_values(["side", "smiles"])
    return hashlib.sha256(json.dumps(rows.to_numpy().tolist()).encode()).hexdigest()


def _measured(table: pd.DataFrame) -> list[dict[str, object]]:
    """Return first waves of known reversibility in `table`, as rows for `read_couples`."""
    chosen = (table["kind"] != CELL) & (table["evidence"] != UNSEEN)
    chosen &= table["reversible"].isin(RETURNS)
    rows = []
    for row in table[chosen].to_dict("records"):
        molecule = _molecule(row["smiles"], "measured potentials")
        charge = Chem.GetFormalCharge(molecule)
        oxidised, reduced = (int(text) for text in row["couple"].split("/"))
        if charge not in (oxidised, reduced) or oxidised - reduced != 1:
            continue  # a second wave, or the average of two electrons
        side = OXIDISED if charge == reduced else REDUCED
        rows.append(_row(row, molecule, side, MEASURED))
    return rows


def _literature(path: Path) -> list[dict[str, object]]:
    """Read the couples of the literature file that were verified, as rows for `read_couples`."""
    if not path.is_file():
        raise OrganodeError(f"{path} is missing: it says which couples are reversible")
    table = read_csv(path, dtype="str", keep_default_na=False)
    lacking = [name for name in COLUMNS if name not in table]
    if lacking:
        raise OrganodeError(f"{path} has no column {', '.join(lacking)}")
    for name in ("evidence", "doi", "remark"):
        if name not in table:
            table[name] = ""
    rows = []
    for place, row in enumerate(table.to_dict("records")):
        where = f"{path}, row {place}"
        if row["reversible"] not in RETURNS or row["side"] not in (OXIDISED, REDUCED):
            raise UsageError(
                f"{where}: side '{row['side']}', reversible '{row['reversible']}': known are "
                f"{OXIDISED}, {REDUCED}, and {', '.join(RETURNS)}"
            )
        if row["evidence"] == UNSEEN:
            continue
        rows.append(_row(row, _molecule(row["smiles"], where), row["side"], LITERATURE))
    return rows


def _row(row: Mapping[Any, Any], molecule: Chem.Mol, side: str, origin: str) -> dict[str, object]:
    """Return the row of a redox couple for `read_couples`; `row` is its row in a file."""
    return {
        "name": row["name"],
        "smiles": Chem.MolToSmiles(molecule),
        "side": side,
        "family": family(molecule),
        "reversible": RETURNS[row["reversible"]],
        "fast": bool(FAST.search(row["remark"])),
        "citation": row["citation"],
        "doi": row["doi"],
        "origin": origin,
    }


def _molecule(smiles: str, where: str) -> Chem.Mol:
    """Return the molecule of a SMILES, standardised if the models cover its elements.

    `where` names the row of the table in error messages.
    """
    try:
        return structure(smiles)[0]
    except MoleculeError as problem:
        molecule = Chem.MolFromSmiles(smiles)  # iodine: the rules cover it, the models do not
        if molecule is None:
            raise UsageError(f"{where}: '{smiles}': {problem}") from problem
        return molecule
