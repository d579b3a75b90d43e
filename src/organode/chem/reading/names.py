"""Look up names and CAS numbers offline, in the tables of the package `chemicals`.

The tables are loaded once in a process, when the first text that could be a name is looked up.
Loading takes two seconds and 200 MB of memory; each later look-up takes microseconds. Finding the
names of given molecules (`registered`) does not load the tables; instead, the files of the tables
are read line by line, in a tenth of the time.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from rdkit import Chem, rdBase

from organode.chem.molecule import INVALID, MoleculeError, parse_smiles

EXTRA = f"{INVALID}; to read names and CAS numbers install organode[names]"
CAS = re.compile(r"(?:CAS(?:[ -]?(?:no\.?|rn|number))?[:# ]*)?(\d{2,7})-(\d\d)-(\d)", re.IGNORECASE)
LONGEST_NAME = 150
# Files of `chemicals`, and the places of three of their columns.
TABLES = (
    "chemical identifiers pubchem large.tsv", "chemical identifiers pubchem small.tsv",
    "chemical identifiers example user db.tsv", "Cation db.tsv", "Anion db.tsv", "Inorganic db.tsv",
)  # fmt: skip
CAS_NUMBER, INCHI_KEY, COMMON_NAME = 1, 6, 8
USUAL = 4  # the first synonyms of a substance; later ones are often slang and trade names
# Names that stand for several substances, although the tables give only one substance for each.
MIXTURES = frozenset(
    {"hexanes", "petroleum ether", "xylenes", "xylene", "dichlorobenzene", "cresol"}
)
# A name has three letters in a row and letters that SMILES does not use, but hardly any special
# characters.
WORD = re.compile(r"[^\W\d_]{3}")
NO_SMILES = re.compile(r"[adeghjkmtuvwxyz]", re.IGNORECASE)
NO_NAME = re.compile(r"[=#@\\%$|<>{}\"!?;\x00-\x1f]|\[[A-Z]")


def could_be_name(text: str) -> bool:
    """Return whether a text that is not a SMILES may be the name of a molecule.

    Only the length and the characters of the text are considered.
    """
    return (
        len(text) <= LONGEST_NAME
        and WORD.search(text) is not None
        and NO_SMILES.search(text) is not None
        and NO_NAME.search(text) is None
    )


@lru_cache(10_000)
def resolve(text: str) -> tuple[str, str]:
    """Return the SMILES for a name or CAS number, and a note on how the text was read.

    Raises
    ------
    MoleculeError
        If the text is neither a possible name nor a CAS number with a correct check digit; if the
        name or number is not in the tables of `chemicals`; if the name is slang or means a mixture
        (see `_is_slang`); or if `chemicals` is not installed.
    """
    text = " ".join(text.split())
    number = CAS.fullmatch(text)
    if number is None and not could_be_name(text):
        raise MoleculeError(INVALID)
    if number is not None:
        digits = [int(digit) for digit in reversed("".join(number.groups()))]
        if sum(place * digit for place, digit in enumerate(digits)) % 10 != digits[0]:
            raise MoleculeError(f"{INVALID}, and a CAS number whose check digit is wrong")
    tables = _tables()
    if tables is None:
        raise MoleculeError(EXTRA)
    if number is not None:
        hit = tables.search_CAS("-".join(number.groups()))
        if not hit:
            raise MoleculeError(f"{INVALID}, and a CAS number that is not known offline")
        return _smiles_and_note(hit, f"CAS {hit.CASs} read as")
    hit = tables.search_name(text) or tables.search_name(text.lower())
    if not hit or _is_slang(text, hit):
        raise MoleculeError(INVALID)
    smiles, note = _smiles_and_note(hit, f"name '{text}' read as")
    return smiles, f"{note}, CAS {hit.CASs}"


def registered(molecules: Sequence[Chem.Mol]) -> list[tuple[str, str] | None]:
    """Return the common name and the CAS number of each molecule in the tables of `chemicals`.

    A molecule without stereo matches only an entry without stereo: a racemate or an achiral
    compound.

    Returns
    -------
    list of (str, str) or None
        (common name, CAS number) for each molecule; None for a molecule that is not in the tables,
        and for every molecule if `chemicals` is not installed.
    """
    spec = importlib.util.find_spec("chemicals")
    if spec is None or not spec.submodule_search_locations or not molecules:
        return [None] * len(molecules)
    with rdBase.BlockLogs():
        keys = [str(Chem.MolToInchiKey(each)) for each in molecules]  # type: ignore[no-untyped-call]
    folder = Path(spec.submodule_search_locations[0]) / "Identifiers"
    wanted, found = {*keys}, {}
    for name in TABLES:  # as when they are loaded, a later table counts more
        with open(folder / name, encoding="utf-8") as rows:
            for row in rows:
                fields = row.split("\t", COMMON_NAME + 1)
                if fields[INCHI_KEY] in wanted:
                    found[fields[INCHI_KEY]] = (
                        fields[COMMON_NAME].rstrip("\n"),
                        fields[CAS_NUMBER],
                    )
    return [found.get(key) for key in keys]


def _is_slang(text: str, hit: Any) -> bool:
    """Return whether a name is slang, such as 'speed', or the name of a mixture.

    `hit` is the substance that the tables of `chemicals` give for the name. A name counts as slang
    if it is a single word of letters that is neither the common name nor the IUPAC name of the
    substance, nor among the first `USUAL` (4) of its synonyms. Mixtures are listed in `MIXTURES`.
    """
    usual = [hit.common_name, hit.iupac_name, *hit.synonyms[:USUAL]]
    is_word = text.isalpha() and text.lower() not in map(str.lower, usual)
    return is_word or text.lower() in MIXTURES


def _smiles_and_note(hit: Any, what: str) -> tuple[str, str]:
    smiles = Chem.MolToSmiles(parse_smiles(hit.smiles))
    return smiles, f"{what} {smiles}"


@cache
def _tables() -> Any:
    if importlib.util.find_spec("chemicals") is None:
        return None
    from chemicals.identifiers import get_pubchem_db

    return get_pubchem_db()
