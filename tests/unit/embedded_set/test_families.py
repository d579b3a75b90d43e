from itertools import islice
from random import Random

import pytest
from rdkit import Chem

from embedded_set.cores import FAMILIES, ON_NITROGEN, ON_SP2_CARBON, ON_SP3_CARBON, SPECIES
from embedded_set.families import draw_members, small_members
from organode.chem import check_organic, flat_smiles, parse_smiles, structure
from organode.chem.molecule import CLOSED_SHELL, kind


def cores():
    return [(family, core) for family, members in FAMILIES.items() for core in members]


@pytest.mark.parametrize(("family", "core"), cores())
def test_every_core_is_a_molecule_with_distinct_sites(family, core):
    molecule = parse_smiles(core)
    check_organic(molecule)
    sites = [atom.GetAtomMapNum() for atom in molecule.GetAtoms() if atom.GetAtomMapNum()]
    assert len(sites) >= 2
    assert len(sites) == len(set(sites))
    for atom in molecule.GetAtoms():
        if atom.GetAtomMapNum():
            assert atom.GetTotalNumHs() >= 1, "no hydrogen to replace"


@pytest.mark.parametrize("group", sorted({*ON_SP2_CARBON, *ON_SP3_CARBON, *ON_NITROGEN}))
def test_every_substituent_attaches_by_its_first_atom(group):
    molecule = Chem.MolFromSmiles(group)
    assert molecule is not None
    check_organic(Chem.MolFromSmiles("C" + group))
    check_organic(Chem.MolFromSmiles("c1ccccc1" + group))


@pytest.mark.parametrize("family", FAMILIES)
def test_small_members_start_with_the_cores_and_are_valid_and_distinct(family):
    members = list(islice(small_members(FAMILIES[family]), 60))
    assert len(members) == len(set(members)) > len(FAMILIES[family])
    for smiles in members:
        molecule = parse_smiles(smiles)
        check_organic(molecule)  # neutral, one fragment, no radical
        assert flat_smiles(molecule) == smiles
        assert not any(atom.GetAtomMapNum() for atom in molecule.GetAtoms())
    bare = [flat_smiles(Chem.MolFromSmiles(core)) for core in FAMILIES[family]]
    assert members[: len(bare)] == bare


def test_substituent_replaces_a_hydrogen():
    members = set(small_members(FAMILIES["anhydride"]))
    assert {"O=C1C=CC(=O)O1", "CC1=CC(=O)OC1=O", "N#CC1=CC(=O)OC1=O"} <= members
    assert "O=C1OC(=O)c2cc(Br)ccc21" in members


def test_substituents_suit_their_site():
    nitrogen = set(small_members(FAMILIES["carbazole"]))
    assert "Cn1c2ccccc2c2ccccc21" in nitrogen
    assert "On1c2ccccc2c2ccccc21" not in nitrogen
    carbonate = set(small_members(FAMILIES["carbonate"]))
    assert "O=C1OCC(F)O1" in carbonate
    assert "O=C1OCC(O)O1" not in carbonate  # a hemiacetal


@pytest.mark.parametrize("family", FAMILIES)
def test_drawn_members_follow_the_seed(family):
    first = list(islice(draw_members(FAMILIES[family], Random(1)), 15))
    assert first == list(islice(draw_members(FAMILIES[family], Random(1)), 15))
    assert first != list(islice(draw_members(FAMILIES[family], Random(2)), 15))
    small = {Chem.MolFromSmiles(core).GetNumHeavyAtoms() for core in FAMILIES[family]}
    for smiles in first:
        molecule = parse_smiles(smiles)
        check_organic(molecule)
        assert flat_smiles(molecule) == smiles
        assert molecule.GetNumHeavyAtoms() >= min(small) + 2


ZWITTERIONS = {"viologen": {CLOSED_SHELL}}  # with a sulfonate at each end


@pytest.mark.parametrize("family", SPECIES)
def test_cations_and_radicals_keep_their_kind_and_are_already_standardised(family):
    kinds = {kind(Chem.MolFromSmiles(core)) for core in SPECIES[family]}
    assert CLOSED_SHELL not in kinds - ZWITTERIONS.get(family, set())
    cores = SPECIES[family]
    members = [*islice(small_members(cores), 40), *islice(draw_members(cores, Random(3)), 20)]
    assert len(set(members)) > 30
    for smiles in members:
        molecule, note = structure(smiles)
        assert kind(molecule) in kinds
        assert (Chem.MolToSmiles(molecule), note) == (smiles, "")
