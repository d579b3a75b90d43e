"""Names and CAS numbers."""

import importlib.util
import subprocess
import sys

import pytest
from rdkit import Chem

from organode.chem import (
    MoleculeError,
    parse_smiles,
    structure,
)
from organode.chem.reading import names
from organode.chem.reading.column import read_molecules

chemicals = pytest.mark.skipif(
    importlib.util.find_spec("chemicals") is None, reason="chemicals is not installed"
)


@chemicals
def test_registered_compounds_are_those_of_the_loaded_tables():
    from chemicals.identifiers import get_pubchem_db

    texts = [
        "O=C1C=CC(=O)C=C1",
        "Cc1ccccc1",
        "CC(N)C(=O)O",
        "O",
        "CC(C)(CCCCBr)c1ccsc1",
        "Cc1ccccc1",
    ]
    molecules = [Chem.MolFromSmiles(text) for text in texts]
    hits = [get_pubchem_db().search_InChI_key(Chem.MolToInchiKey(each)) for each in molecules]
    expected = [(hit.common_name, hit.CASs) if hit else None for hit in hits]
    assert names.registered(molecules) == expected
    assert expected[0][1] == "106-51-4"
    assert expected[4] is None
    assert names.registered([]) == []


def test_no_compound_is_registered_without_the_tables(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    assert names.registered([Chem.MolFromSmiles("CCO")]) == [None]


@chemicals
@pytest.mark.parametrize(
    ("text", "smiles", "words"),
    [
        ("anthraquinone", "O=C1c2ccccc2C(=O)c2ccccc21", "CAS 84-65-1"),
        ("Anthraquinone", "O=C1c2ccccc2C(=O)c2ccccc21", "name 'Anthraquinone' read as O=C1c2"),
        ("84-65-1", "O=C1c2ccccc2C(=O)c2ccccc21", "CAS 84-65-1 read as O=C1c2"),
        ("CAS 84-65-1", "O=C1c2ccccc2C(=O)c2ccccc21", "CAS 84-65-1"),
        ("sodium acetate", "CC(=O)O", "removed Na"),
        ("1,4-benzoquinone", "O=C1C=CC(=O)C=C1", "name"),
        ("methyl viologen", "C[n+]1ccc(-c2cc[n+](C)cc2)cc1", "name"),
    ],
)
def test_names_and_cas_numbers_are_read(text, smiles, words):
    molecule, note = structure(text)
    assert Chem.MolToSmiles(molecule) == smiles
    assert words in note


@chemicals
def test_smiles_has_priority_over_name():
    molecule, note = structure("CO")  # not carbon monoxide, nor cobalt
    assert (Chem.MolToSmiles(molecule), note) == ("CO", "")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("84-65-2", "check digit is wrong"),
        ("no molecule", "^not a valid SMILES: white space"),
        ("control", "^not a valid SMILES$"),
        ("hexanes", "^not a valid SMILES$"),
    ],
)
@chemicals
def test_unknown_name_is_rejected_with_reason(text, reason):
    with pytest.raises(MoleculeError, match=reason):
        structure(text)


def test_missing_extra_is_named_for_possible_names(monkeypatch):
    monkeypatch.setattr(names, "_tables", lambda: None)
    names.resolve.cache_clear()
    try:
        _, status, _ = read_molecules(["anthraquinone", "84-65-1", "c1ccccc", "CC(", "C=%%", "x"])
    finally:
        names.resolve.cache_clear()
    wanted = "not a valid SMILES; to read names and CAS numbers install organode[names]"
    assert status == [wanted, wanted, *["not a valid SMILES"] * 4]


def test_name_tables_are_loaded_only_for_possible_names():
    code = (
        "import sys; from organode.chem.reading.column import read_molecules as r;"
        "r(['CCO', 'c1ccccc', 'CC(', '[Na', '', 'C=%%', 'InChI=1S/junk'] * 50);"
        "print('chemicals' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


def test_names_are_not_read_in_training_tables():
    with pytest.raises(MoleculeError, match=r"^not a valid SMILES$"):
        parse_smiles("anthraquinone")
