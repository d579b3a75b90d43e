"""Parents of salts and hydrates."""

import pytest
from rdkit import Chem

from organode.chem import (
    MoleculeError,
    flat_smiles,
    parse_smiles,
    standardise,
    structure,
)
from organode.chem.in_cell import in_cell

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
    *(
        (f"C[Si](C)(C)N([{metal}])[Si](C)(C)C", "C[Si](C)(C)N[Si](C)(C)C", metal)
        for metal in ("Mg", "Zn")
    ),
    ("CC(=O)O.N", "CC(=O)O", "NH3"), ("Oc1ccccc1.N", "Oc1ccccc1", "NH3"),
    ("[O-]c1ccccc1.[NH4+]", "Oc1ccccc1", "NH3"), ("CC(=O)O.[Na+].[OH-]", "CC(=O)O", "Na, water"),
    *(
        (f"[{metal}+].O=S(=O)([O-])C(F)(F)F", "O=S(=O)(O)C(F)(F)F", metal)
        for metal in ("Li", "Na", "K", "Rb", "Cs")
    ),
    ("[Ca+2].O=S(=O)([O-])C(F)(F)F.O=S(=O)([O-])C(F)(F)F", "O=S(=O)(O)C(F)(F)F", "Ca"),
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
def test_salt_is_read_as_neutral_parent(text, parent, removed):
    molecule, note = structure(text)
    assert Chem.MolToSmiles(molecule) == canonical(parent)
    assert f"answered for the neutral parent {canonical(parent)}; removed {removed}" in note or (
        "[S+]" in text
    )


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("CC(=O)[O-].[Na+]", "CC(=O)[O-]"), ("CC(=O)O[Na]", "CC(=O)[O-]"),
        ("[Li+].OC(=O)c1ccc(C(=O)[O-])cc1", "O=C([O-])c1ccc(C(=O)O)cc1"),
        ("[Zn+2].[O-]c1ccccc1.[O-]c1ccccc1", "[O-]c1ccccc1"),
        ("CC(=O)[O-].[NH4+]", "CC(=O)O"), ("Cl.NCC", "CCN"), ("CC(=O)O", "CC(=O)O"),
        ("C[N+](C)(C)C.[Cl-]", "C[N+](C)(C)C"),
    ],
)  # fmt: skip
def test_anion_of_a_metal_salt_is_what_is_in_a_cell(text, there):
    molecule, note = structure(text)
    assert Chem.MolToSmiles(in_cell(molecule)) == canonical(there)
    assert ("anion's" in note) == (in_cell(molecule) is not molecule)


@pytest.mark.parametrize(("text", "reason"), MIXTURES)
def test_mixtures_are_rejected(text, reason):
    with pytest.raises(MoleculeError, match=reason):
        structure(text)


@pytest.mark.parametrize("text", [salt[0] for salt in SALTS if "." in salt[0]])
def test_salt_in_training_table_is_rejected(text):
    with pytest.raises(MoleculeError, match=FRAGMENTS):
        standardise(parse_smiles(text))


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
        (
            "[O-]S(=O)(=O)CC[n+]1ccc(-c2cc[n+](C)cc2)cc1.[Cl-]",
            "C[n+]1ccc(-c2cc[n+](CCS(=O)(=O)[O-])cc2)cc1",
            "chloride",
        ),
        (f"{VIOLOGEN}.F[P-](F)(F)(F)(F)F.F[B-](F)(F)F", VIOLOGEN, "BF4, PF6"),
        ("CC[n+]1ccccc1.CC(=O)[O-].O", "CC[n+]1ccccc1", "acetate, water"),
        ("C[n+]1ccccc1.O=S(=O)([N-]S(=O)(=O)C(F)(F)F)C(F)(F)F", "C[n+]1ccccc1", "TFSI"),
        ("CC1(C)CC([N+](C)(C)C)CC(C)(C)N1[O].[I-]", "CC1(C)CC([N+](C)(C)C)CC(C)(C)N1[O]", "iodide"),
        ("CC1(C)CCCC(C)(C)[N+]1=O.F[B-](F)(F)F", "CC1(C)CCCC(C)(C)[N+]1=O", "BF4"),
    ],
)
def test_salt_without_neutral_form_is_read_as_cation(text, cation, removed):
    molecule, note = structure(text)
    assert Chem.MolToSmiles(molecule) == canonical(cation)
    assert note == f"salt: answered for the cation {canonical(cation)}; removed {removed}"


@pytest.mark.parametrize(
    "text",
    [
        f"{VIOLOGEN}.[O-]S(=O)(=O)c1ccc2c(c1)C(=O)c1ccccc1C2=O.[Cl-]",  # which of the two?
        f"{VIOLOGEN}.C[n+]1ccccc1.[Cl-].[Cl-].[Cl-]",
        f"{VIOLOGEN}.[Cl-].[Cl-].CCCC",
        f"{VIOLOGEN}.[Cl-]",  # a counter-ion is missing: a fragment of something else
    ],
)
def test_cation_with_other_parts_than_counter_ions_is_rejected(text):
    with pytest.raises(MoleculeError, match=FRAGMENTS):
        structure(text)


@pytest.mark.parametrize(
    "text",
    [
        "O=C1C=CC(=O)C=C1.[Na].[Na]", "CC#N.[Li]", "[Li+].[CH2-]CCC", "CC[Zn]CC",
        "CC1COC(=O)O1.[Li+].F[P-](F)(F)(F)(F)F", "CCO.[Na+].[Cl-]", "c1ccccc1.Cl",
        "CNC(=O)c1ccccc1.Cl", "[K+].[K+].[CH-]1C=CC=C[CH-]C=C1", "CC#N.O=[N+]([O-])O",
    ],
)  # fmt: skip
def test_parts_that_form_no_salt_are_rejected(text):
    with pytest.raises(MoleculeError):
        structure(text)
