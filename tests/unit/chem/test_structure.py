import csv
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from rdkit import Chem

from organode.chem import (
    MoleculeError,
    flat_smiles,
    parse_flat,
    parse_smiles,
    smiles_of_block,
    standardise,
    structure,
)
from organode.chem.molecule import LONGEST_SMILES, MOST_HEAVY_ATOMS, kind
from organode.chem.reading import names
from organode.chem.reading.column import read_molecules
from organode.chem.reading.structure import is_plain

EMBEDDED = Path(__file__).parents[3] / "data" / "embedded" / "molecules.csv"

FRAGMENTS = "more than one fragment"


def canonical(text):
    return flat_smiles(parse_smiles(text))


# A salt or hydrate, its neutral parent, what is removed.
SALTS = [
    ("Cl.NCC", "CCN", "HCl"), ("[Cl-].[NH3+]CC", "CCN", "HCl"), ("Br.c1ccncc1", "c1ccncc1", "HBr"),
    ("I.CN", "CN", "HI"), ("[Cl-].c1cc[nH+]cc1", "c1ccncc1", "HCl"),
    ("CC(=O)[O-].[Na+]", "CC(=O)O", "Na"), ("CC(=O)O[Na]", "CC(=O)O", "Na"),
    ("CC(=O)O.[Na]", "CC(=O)O", "Na"), ("[Li+].CC(=O)[O-]", "CC(=O)O", "Li"),
    ("[Ca+2].CC(=O)[O-].CC(=O)[O-]", "CC(=O)O", "Ca"),
    ("[O-]c1ccc([O-])cc1.[K+].[K+]", "Oc1ccc(O)cc1", "K"), ("CC(=O)[O-].[NH4+]", "CC(=O)O", "NH3"),
    ("NCC.NCC.OS(O)(=O)=O", "CCN", "H2SO4"), ("CS(=O)(=O)O.NCC", "CCN", "methanesulfonic acid"),
    ("Cc1ccc(S(=O)(=O)[O-])cc1.[Na+]", "Cc1ccc(S(=O)(=O)O)cc1", "Na"),
    ("O=C1[N-]S(=O)(=O)c2ccccc21.[Na+]", "O=C1NS(=O)(=O)c2ccccc21", "Na"),
    ("F[P-](F)(F)(F)(F)F.[NH3+]CC", "CCN", "PF6"),
    ("O.O=C1C=CC(=O)C=C1", "O=C1C=CC(=O)C=C1", "water"), ("O.CCN.Cl", "CCN", "HCl, water"),
    ("C[S+](C)[O-].O", "CS(C)=O", "water"),
    ("CC(=O)O.N", "CC(=O)O", "NH3"), ("Oc1ccccc1.N", "Oc1ccccc1", "NH3"),
    ("[O-]c1ccccc1.[NH4+]", "Oc1ccccc1", "NH3"), ("CC(=O)O.[Na+].[OH-]", "CC(=O)O", "Na, water"),
    ("CN.[H+].[Cl-]", "CN", "HCl"), ("CN.CN.[H+].[H+].[O-]S(=O)(=O)[O-]", "CN", "H2SO4"),
]  # fmt: skip
MIXTURES = [
    ("CCO.CC#N", FRAGMENTS), ("CC.CC", FRAGMENTS), ("O=C1C=CC(=O)C=C1.Oc1ccc(O)cc1", FRAGMENTS),
    ("O=C1C=CC(=O)C=C1.CC(C)=O", FRAGMENTS), ("CC(=O)[O-].[Na+].[Na+]", FRAGMENTS),
    ("c1ccccc1.N", FRAGMENTS), ("CCO.N", FRAGMENTS), ("CN.Cl.[H][H]", FRAGMENTS),
    ("CC(=O)O.[Na+].[Cl-]", FRAGMENTS), ("c1ccccc1.[H+].[Cl-]", FRAGMENTS),
    ("[Na+].[Cl-]", FRAGMENTS), ("O.Cl", FRAGMENTS), ("CC(C)[O-].[Ti+4]", FRAGMENTS),
    ("[Li]CCCC", "element not covered: Li"), ("O", "no carbon"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "parent", "removed"), SALTS)
def test_a_salt_is_answered_for_its_neutral_parent(text, parent, removed):
    molecule, note = structure(text)
    assert Chem.MolToSmiles(molecule) == canonical(parent)
    assert f"answered for the neutral parent {canonical(parent)}; removed {removed}" in note or (
        "[S+]" in text
    )


@pytest.mark.parametrize(("text", "reason"), MIXTURES)
def test_mixtures_are_refused(text, reason):
    with pytest.raises(MoleculeError, match=reason):
        structure(text)


@pytest.mark.parametrize("text", [salt[0] for salt in SALTS if "." in salt[0]])
def test_a_row_to_learn_from_is_no_salt(text):
    with pytest.raises(MoleculeError, match=FRAGMENTS):
        standardise(parse_smiles(text))


@pytest.mark.parametrize(
    ("text", "repaired", "said"),
    [
        ("CS([O])([O])C", "CS(C)(=O)=O", "hypervalent sulfur"),
        ("[CH2]C=C[CH2]", "C=CC=C", "conjugated path"),
        ("C[S+](C)[O-]", "CS(C)=O", "charges joined"), ("CCO", "CCO", ""),
        ("[O-][n+]1ccccc1", "[O-][n+]1ccccc1", ""),
    ],
)  # fmt: skip
def test_a_repaired_structure_says_so(text, repaired, said):
    molecule, note = structure(text)
    assert Chem.MolToSmiles(molecule) == canonical(repaired)
    assert said in note
    assert bool(note) == bool(said)


VIOLOGEN = "C[n+]1ccc(-c2cc[n+](C)cc2)cc1"


@pytest.mark.parametrize(
    ("text", "cation", "removed"),
    [
        ("C[N+](C)(C)C.[Cl-]", "C[N+](C)(C)C", "chloride"),
        (f"{VIOLOGEN}.[Cl-].[Cl-]", VIOLOGEN, "chloride"),
        (f"{VIOLOGEN}.F[Sb-](F)(F)(F)(F)F.F[Sb-](F)(F)(F)(F)F", VIOLOGEN, "SbF6"),
        (f"{VIOLOGEN}.[S-]C#N.[N-]=[N+]=[N-]", VIOLOGEN, "azide, thiocyanate"),
        (f"{VIOLOGEN}.[O-]C(=O)C(=O)[O-]", VIOLOGEN, "oxalate"),
        (f"{VIOLOGEN}.I[I-]I.[I-]", VIOLOGEN, "iodide, triiodide"),
        # An arm's sulfonate stays what it is.
        ("[O-]S(=O)(=O)CC[n+]1ccc(-c2cc[n+](C)cc2)cc1.[Cl-]",
         "C[n+]1ccc(-c2cc[n+](CCS(=O)(=O)[O-])cc2)cc1", "chloride"),
        (f"{VIOLOGEN}.F[P-](F)(F)(F)(F)F.F[B-](F)(F)F", VIOLOGEN, "BF4, PF6"),
        ("CC[n+]1ccccc1.CC(=O)[O-].O", "CC[n+]1ccccc1", "acetate, water"),
        ("C[n+]1ccccc1.O=S(=O)([N-]S(=O)(=O)C(F)(F)F)C(F)(F)F", "C[n+]1ccccc1", "TFSI"),
        ("CC1(C)CC([N+](C)(C)C)CC(C)(C)N1[O].[I-]", "CC1(C)CC([N+](C)(C)C)CC(C)(C)N1[O]", "iodide"),
        ("CC1(C)CCCC(C)(C)[N+]1=O.F[B-](F)(F)F", "CC1(C)CCCC(C)(C)[N+]1=O", "BF4"),
    ],
)  # fmt: skip
def test_a_salt_of_what_has_no_neutral_form_is_answered_for_the_cation(text, cation, removed):
    molecule, note = structure(text)
    assert Chem.MolToSmiles(molecule) == canonical(cation)
    assert note == f"salt: answered for the cation {canonical(cation)}; removed {removed}"


@pytest.mark.parametrize(
    "text",
    [
        f"{VIOLOGEN}.[O-]S(=O)(=O)c1ccc2c(c1)C(=O)c1ccccc1C2=O.[Cl-]",  # which of the two?
        f"{VIOLOGEN}.C[n+]1ccccc1.[Cl-].[Cl-].[Cl-]", f"{VIOLOGEN}.[Cl-].[Cl-].CCCC",
        f"{VIOLOGEN}.[Cl-]",  # a counter-ion is missing: a fragment of something else
    ],
)  # fmt: skip
def test_a_cation_beside_more_than_its_counter_ions_is_refused(text):
    with pytest.raises(MoleculeError, match=FRAGMENTS):
        structure(text)


@pytest.mark.parametrize(
    ("text", "charge", "unpaired"),
    [
        ("C[CH2]", 0, 1), ("CC1(C)CCCC(C)(C)N1[O]", 0, 1), ("N#C[C](C#N)C#N", 0, 1),
        (VIOLOGEN, 2, 0), ("CN1C=CC(=C2C=C[N+](C)C=C2)C=C1", 1, 1), ("CC(=O)[O-]", -1, 0),
        ("CC1(C)CC(OC2CC(C)(C)N([O])C(C)(C)C2)CC(C)(C)N1[O]", 0, 2), ("CCO", 0, 0),
    ],
)  # fmt: skip
def test_radicals_and_ions_are_read_as_they_are(text, charge, unpaired):
    molecule, note = structure(text)
    assert (kind(molecule), note) == ((charge, unpaired), "")
    assert Chem.MolToSmiles(molecule) == canonical(text)


def test_a_kind_says_itself():
    kinds = ["CCO", VIOLOGEN, "C[CH2]", "C[N+](C)(C)CC1CC(C)(C)N([O])C1(C)C"]
    assert [str(kind(Chem.MolFromSmiles(one))) for one in kinds] == [
        "neutral closed-shell molecule", "net charge +2", "radical", "net charge +1, radical",
    ]  # fmt: skip


def test_stereo_is_kept_where_it_is_asked_for():
    assert Chem.MolToSmiles(structure("F/C=C\\F", flat=False)[0]) == "F/C=C\\F"
    assert Chem.MolToSmiles(structure("Cl.C[C@H](N)F", flat=False)[0]) == "C[C@H](N)F"
    assert Chem.MolToSmiles(structure("F/C=C\\F")[0]) == "FC=CF"


@pytest.mark.parametrize(
    "text", ["C~C", "CCO~CC", "CC |Z:0|", "CC.CC |C:0.0|", "C1CCC~1", "C~1CCC1",
             "c1ccccc1~CC(=O)O", "CN->B", "CC$CC", "C>C"],
)  # fmt: skip
def test_bonds_without_an_order_join_no_molecule(text):
    for read in (structure, parse_smiles, lambda cell: standardise(parse_smiles(cell))):
        with pytest.raises(MoleculeError):
            read(text)


@pytest.mark.parametrize(
    "text",
    ["CC(=O) O", "CCOC (=O)C", "CCO CCN", "CCO\nCCN", "CCO\tname", "InChI=1S/CH4/h1H4 InChI",
     "CC |$_AP1;$|", "CCO |$;;R1$|", "CCÖ"],
)  # fmt: skip
def test_a_text_is_read_whole_or_not_at_all(text):
    with pytest.raises(MoleculeError):
        structure(text)


@pytest.mark.parametrize(
    "text",
    [
        "O=C1C=CC(=O)C=C1.[Na].[Na]", "CC#N.[Li]", "[Li+].[CH2-]CCC", "CC[Zn]CC",
        "CC1COC(=O)O1.[Li+].F[P-](F)(F)(F)(F)F", "CCO.[Na+].[Cl-]", "c1ccccc1.Cl",
        "CNC(=O)c1ccccc1.Cl", "[K+].[K+].[CH-]1C=CC=C[CH-]C=C1", "CC#N.O=[N+]([O-])O",
    ],
)  # fmt: skip
def test_what_is_no_salt_of_a_parent_is_refused(text):
    with pytest.raises(MoleculeError):
        structure(text)


def test_an_alias_of_an_atom_is_no_atom():
    lines = Chem.MolToMolBlock(Chem.MolFromSmiles("CCO")).split("\n")
    end = lines.index("M  END")
    for alias in ("Ph", "R1"):
        with pytest.raises(MoleculeError):
            smiles_of_block("\n".join([*lines[:end], "A    1", alias, *lines[end:]]))


@pytest.mark.parametrize("text", ["*CC", "[R]CC", "[#6;a]1ccccc1", "[C,N]CC", "CC |Sg:n:0,1::ht|"])
def test_queries_and_parts_are_no_molecule(text):
    with pytest.raises(MoleculeError):
        structure(text)


def block(smiles):
    return Chem.MolToMolBlock(Chem.MolFromSmiles(smiles))


def test_a_mol_block_gives_its_smiles():
    for smiles in ("CCO", "C[N+](=O)[O-]", "c1ccsc1"):
        assert canonical(smiles_of_block(block(smiles))) == canonical(smiles)
    v3000 = Chem.MolToV3KMolBlock(Chem.MolFromSmiles("CCO"))
    assert smiles_of_block(v3000) == "CCO"


@pytest.mark.parametrize("order", [5, 6, 8, 9, 10])
@pytest.mark.parametrize("v3000", [False, True])
def test_a_mol_block_with_bonds_without_an_order_is_refused(order, v3000):
    molecule = Chem.MolFromSmiles("CO")
    if v3000:
        text = Chem.MolToV3KMolBlock(molecule).replace("M  V30 1 1 1 2", f"M  V30 1 {order} 1 2")
    else:
        text = Chem.MolToMolBlock(molecule).replace("  1  2  1  0", f"  1  2  {order}  0".replace(
            "  10  0", " 10  0"))  # fmt: skip
    assert str(order) in text
    with pytest.raises(MoleculeError):
        smiles_of_block(text)


@pytest.mark.parametrize(
    "change", [(" C ", " A "), (" C ", " Q "), (" C ", " R# "), (" C ", " * "), ("V2000", "V9000")]
)
def test_a_mol_block_of_a_query_is_refused(change):
    with pytest.raises(MoleculeError):
        smiles_of_block(block("CCO").replace(*change, 1))


@pytest.mark.parametrize(
    "smiles",
    ["CCO", "C[N+](=O)[O-]", "c1ccc2ccccc2c1", "O=C1C=CC(=O)C=C1", "CS(C)=O", "CN=[N+]=[N-]"],
)
def test_inchi_is_read_as_smiles_is(smiles):
    inchi = Chem.MolToInchi(Chem.MolFromSmiles(smiles))
    for text in (inchi, f" {inchi}  ", inchi.replace("InChI=1S", "inchi=1s")):
        molecule, _ = structure(text)
        assert Chem.MolToSmiles(molecule) == Chem.MolToSmiles(structure(smiles)[0])
        assert flat_smiles(parse_smiles(text)) == flat_smiles(parse_smiles(inchi))


def test_inchi_that_leaves_hydrogens_open_says_so(capfd):
    molecule, note = structure("InChI=1S/C3H4N2/c1-2-5-3-4-1/h1-3H,(H,4,5)")
    assert Chem.MolToSmiles(molecule) == "c1c[nH]cn1"
    assert note == "InChI leaves hydrogens open: read as c1c[nH]cn1"
    with pytest.raises(MoleculeError, match="not a valid InChI"):
        structure("InChI=1S/junk")
    assert capfd.readouterr() == ("", "")


chemicals = pytest.mark.skipif(
    importlib.util.find_spec("chemicals") is None, reason="chemicals is not installed"
)


@chemicals
@pytest.mark.parametrize(
    ("text", "smiles", "said"),
    [
        ("anthraquinone", "O=C1c2ccccc2C(=O)c2ccccc21", "CAS 84-65-1"),
        ("Anthraquinone", "O=C1c2ccccc2C(=O)c2ccccc21", "name 'Anthraquinone' read as O=C1c2"),
        ("84-65-1", "O=C1c2ccccc2C(=O)c2ccccc21", "CAS 84-65-1 read as O=C1c2"),
        ("CAS 84-65-1", "O=C1c2ccccc2C(=O)c2ccccc21", "CAS 84-65-1"),
        ("sodium acetate", "CC(=O)O", "removed Na"),
        ("1,4-benzoquinone", "O=C1C=CC(=O)C=C1", "name"),
        ("methyl viologen", "C[n+]1ccc(-c2cc[n+](C)cc2)cc1", "name"),
    ],
)  # fmt: skip
def test_names_and_cas_numbers_are_read(text, smiles, said):
    molecule, note = structure(text)
    assert Chem.MolToSmiles(molecule) == smiles
    assert said in note


@chemicals
def test_a_smiles_wins_over_a_name():
    molecule, note = structure("CO")  # not carbon monoxide, nor cobalt
    assert (Chem.MolToSmiles(molecule), note) == ("CO", "")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("84-65-2", "check digit is wrong"), ("no molecule", "^not a valid SMILES: white space"),
        ("control", "^not a valid SMILES$"), ("hexanes", "^not a valid SMILES$"),
    ],
)  # fmt: skip
@chemicals
def test_what_is_no_known_name_has_a_reason(text, reason):
    with pytest.raises(MoleculeError, match=reason):
        structure(text)


def test_without_the_extra_only_what_may_be_a_name_says_so(monkeypatch):
    monkeypatch.setattr(names, "_tables", lambda: None)
    names.resolve.cache_clear()
    try:
        _, status, _ = read_molecules(["anthraquinone", "84-65-1", "c1ccccc", "CC(", "C=%%", "x"])
    finally:
        names.resolve.cache_clear()
    wanted = "not a valid SMILES; to read names and CAS numbers install organode[names]"
    assert status == [wanted, wanted, *["not a valid SMILES"] * 4]


def test_names_are_loaded_only_for_what_may_be_one():
    code = (
        "import sys; from organode.chem.reading.column import read_molecules as r;"
        "r(['CCO', 'c1ccccc', 'CC(', '[Na', '', 'C=%%', 'InChI=1S/junk'] * 50);"
        "print('chemicals' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


def test_names_are_not_read_in_a_table_to_learn_from():
    with pytest.raises(MoleculeError, match=r"^not a valid SMILES$"):
        parse_smiles("anthraquinone")


LARGE, MARKS, INVALID = "heavy atoms: more than", "unpaired electrons: more than", "not a valid"
LONG = "SMILES longer than"
# Texts on which a parser, or what follows it, might spend minutes or crash; what they get.
HOSTILE = {
    "C" * 1_999: LARGE, "C" * 1_000_000: LONG, "C(" * 900 + "C" + ")" * 900: LONG,
    "C(" * 450 + "C" + ")" * 450: LARGE, "C(" * 90 + "C" + ")" * 90: "ok", "C(" * 900: INVALID,
    "C%(99999)CC%(99999)": "ok", "C%99CCC%99": "ok", "C1" * 900: INVALID,
    "".join(f"C{number % 10}" for number in range(900)): LARGE,
    "[H]" + "C([H])([H])" * 181 + "[H]": "ok", ".".join(["C"] * 1_000): LARGE,
    "CC(=O)[O-].[Na+]." * 100 + "O": LARGE, "[CH2]" + "[CH]" * 180 + "[CH2]": MARKS,
    "[C]" * 190: MARKS, "C[P+](C)(C)[CH-]" * 35 + "C": MARKS, "C[S+]([O-])" * 60 + "C": MARKS,
    "C([N+](C)(C)CC(=O)[O-])" * 25: MARKS, "c1" + "n" * 180 + "1": INVALID, "[" * 1_900: INVALID,
    "C" + "12" * 900: INVALID, "InChI=1S/" + "C9H9" * 490: INVALID, "ab" * 900: INVALID,
}  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=[*map(str, range(len(HOSTILE)))])
def test_hostile_texts_have_a_status_before_they_cost_much(text):
    (molecule,), (status,), _ = read_molecules([text])
    assert HOSTILE[text] in status
    assert (molecule is None) == (status != "ok")


@pytest.mark.parametrize("n", [MOST_HEAVY_ATOMS, MOST_HEAVY_ATOMS + 1])
def test_molecules_far_larger_than_any_that_was_learned_are_refused(n):
    for text in ("C" * n, "[CH2]" * n, "CC" + "([H])" + "C" * (n - 2)):
        if len(text) > LONGEST_SMILES:
            continue
        for read in (structure, parse_smiles):
            if n > MOST_HEAVY_ATOMS:
                with pytest.raises(MoleculeError, match=f"{n} heavy atoms: more than"):
                    read(text)
            elif "[CH2]" not in text:
                read(text)


def test_what_is_plain_to_see_needs_no_standard():
    with EMBEDDED.open(newline="") as file:
        texts = [row["smiles"] for row in csv.DictReader(file)]
    plain = [text for text in texts if is_plain(text)]
    assert len(plain) > 0.8 * len(texts)
    for text in [*plain[::5], *(plain_form for plain_form in CLEANED if is_plain(plain_form))]:
        molecule = parse_flat(text)
        assert standardise(molecule).molecule is molecule
    for text in ("C[S+](C)[O-]", "CS(C)=NC", "[CH2]C", "CP(C)C", "O=s1cccc1", "CC(=O)[O-]"):
        assert not is_plain(text)


# RDKit gives these charges, though they have none as written.
CLEANED = (
    "CN(=O)=O", "CN(C)(C)=O", "O=n1ccccc1", "O=n1ccn(=O)cc1", "CN=N#N", "CC(=O)C=N#N", "CC#N=O",
    "CC1=NON(=O)=C1C", "O=n1ccn(C)c1", "COCl(=O)(=O)=O", "CN(=O)=NC", "CN(=O)=N(C)=O", "C=N(C)=O",
)  # fmt: skip
