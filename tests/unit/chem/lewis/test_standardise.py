"""Which molecules are standardised, and what is returned for them."""

import csv

import pytest
from rdkit import Chem

from helpers import ROOT
from organode.chem import MoleculeError, flat_smiles, parse_smiles, standardise
from organode.chem.lewis import repair as rule
from organode.chem.lewis.standardise import MOST_MARKS
from organode.chem.molecule import CLOSED_SHELL, kind

EMBEDDED = ROOT / "data/embedded/molecules.csv"

# Groups whose charges stand in every Lewis structure.
CHARGES_NEEDED = [
    "C[N+](=O)[O-]", "O=[N+]([O-])c1ccc([N+](=O)[O-])cc1", "[O-][n+]1cc[n+]([O-])cc1",
    "C[N+](C)(C)CC(=O)[O-]", "C[n+]1cccc([O-])c1", "CN=[N+]=[N-]", "[C-]#[N+]C",
    "[O-]c1csc2cccc[n+]12", "CC(=O)C=[N+]=[N-]", "C[n+]1cc([O-])on1", "C=[N+](C)[O-]",
    "CC(=O)[N-][n+]1ccccc1", "CO[Cl+3]([O-])([O-])[O-]", "C[B-](F)(F)[N+](C)(C)C",
]  # fmt: skip


@pytest.mark.parametrize("smiles", CHARGES_NEEDED)
def test_molecule_in_its_usual_form_is_returned_itself(smiles):
    molecule = parse_smiles(smiles)
    standard = standardise(molecule)
    assert standard.molecule is molecule
    assert (standard.rules, standard.radical) == ((), False)


@pytest.mark.parametrize("nth", [5, pytest.param(1, marks=pytest.mark.slow)])
def test_few_molecules_of_embedded_set_change(nth):
    with EMBEDDED.open(newline="") as file:
        texts = [row["smiles"] for row in csv.DictReader(file)]
    assert len(texts) > 5000
    # Those with brackets may change; of the others every nth.
    texts = [text for place, text in enumerate(texts) if "[" in text or not place % nth]
    molecules = [parse_smiles(text) for text in texts]
    standards = [standardise(molecule) for molecule in molecules]
    changed = {}
    for text, molecule, standard in zip(texts, molecules, standards, strict=True):
        if kind(molecule) != CLOSED_SHELL:
            assert flat_smiles(standard.molecule) == text
        elif standard.molecule is not molecule:
            assert standard.rules == (rule.USUAL,)
            changed[text] = flat_smiles(standard.molecule)
    # PubChem draws the same groups elsewhere as =[N+]=[N-] and [O-][N+]=[N+][O-].
    assert len(changed) == 14
    assert changed["CCOC([O-])=C[N+]#N"] == "CCOC(=O)C=[N+]=[N-]"
    assert changed["O=[N+]1C2CCCC(CC2)N1[O-]"] == "[O-][N+]1=[N+]([O-])C2CCCC1CC2"


@pytest.mark.parametrize(
    ("smiles", "reason"),
    [
        ("CC.[O]", "more than one fragment"),
        ("C[Mg]", "element not covered: Mg"),
        ("[O]O", "no carbon"),
        ("*C", "element not covered: \\*"),
    ],
)
def test_what_is_no_single_organic_species_is_rejected(smiles, reason):
    with pytest.raises(MoleculeError, match=reason):
        standardise(parse_smiles(smiles))


def test_absurd_number_of_charges_is_rejected_before_any_search():
    many = MOST_MARKS // 2 + 1
    with pytest.raises(MoleculeError, match=f"{2 * many} charges and unpaired electrons"):
        standardise(parse_smiles("C" + "[N+](C)([O-])C" * many))
    few = standardise(parse_smiles("C" + "[N+](C)([O-])C" * 5))
    assert not few.radical


def test_stereo_and_isotopes_stay_where_no_rule_applies():
    chiral = parse_smiles("C[C@H](F)Cl")
    assert standardise(chiral).molecule is chiral
    nitro = parse_smiles("[2H]C(C)[N+](=O)[O-]")
    assert standardise(nitro).molecule is nitro


def test_changed_molecule_is_a_new_one_in_the_flat_form():
    given = parse_smiles("C[C@H](Cl)[S+](C)[O-]")
    before = Chem.MolToSmiles(given)
    standard = standardise(given)
    assert standard.rules == (rule.CHARGES,)
    assert Chem.MolToSmiles(standard.molecule) == flat_smiles(parse_smiles("CC(Cl)S(C)=O"))
    assert Chem.MolToSmiles(given) == before


@pytest.mark.parametrize(
    ("smiles", "rules", "radical"),
    [
        ("CCO", (), False),
        ("CC[N-][N+]#N", (rule.USUAL,), False),
        ("C1=S=Cc2ccccc21", (rule.USUAL,), False),
        ("CC1(C)CCCC(C)(C)N1[O]", (rule.ONE_ELECTRON,), True),
        ("CC1(C)CCCC(C)(C)[N+]1[O-]", (rule.ONE_ELECTRON, rule.USUAL), True),
        ("C[n+]1ccccc1", (), False),
        ("[CH2][CH]c1ccccc1", (rule.NEIGHBOURS,), False),
    ],
)
def test_rules_that_changed_a_molecule_are_named_in_order(smiles, rules, radical):
    standard = standardise(parse_smiles(smiles))
    assert (standard.rules, standard.radical) == (rules, radical)


@pytest.mark.parametrize(
    "smiles", ["C[S+](C)[O-]", "CC1(C)CCCC(C)(C)[N+]1[O-]", "[O]c1ccc([O])cc1", "CC[N-][N+]#N"]
)
def test_standard_form_is_its_own(smiles):
    once = standardise(parse_smiles(smiles)).molecule
    twice = standardise(once)
    assert flat_smiles(twice.molecule) == flat_smiles(once)
    assert twice.rules in ((), (rule.ONE_ELECTRON,))
