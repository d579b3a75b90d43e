"""Molecules that are varied at random."""

from collections import Counter
from random import Random

import pytest
from rdkit import Chem
from rdkit.Chem.rdChemReactions import ReactionFromSmarts, ReactionToSmarts

from embedded_set import variation
from embedded_set.variation import CHANGES, vary
from organode.chem import flat_smiles, parse_flat

PARENTS = ("C1CCCCC1", "O=C1C=CC(=O)c2ccccc21", "c1ccc2c(c1)Sc1ccccc1N2C", "CCOC(C)=O", "CC(C)CC")


def varied(n=300, seed=5):
    random = Random(seed)
    drawn = [vary(PARENTS[number % len(PARENTS)], random) for number in range(n)]
    return [smiles for smiles in drawn if smiles is not None]


def test_variations_are_organic_molecules_in_canonical_form():
    found = varied()
    assert len(set(found)) > 60
    for smiles in found:
        assert flat_smiles(parse_flat(smiles)) == smiles
        assert Chem.MolFromSmiles(smiles).GetNumHeavyAtoms() >= 4


def test_seed_fixes_the_variations():
    assert varied(60) == varied(60)
    assert varied(60, seed=6) != varied(60)


@pytest.mark.parametrize(
    ("parent", "change", "expected"),
    [
        ("c1ccccc1", "[cH:1]>>[n:1]", "c1ccncc1"),
        ("O=C1C=CC(=O)C=C1", "[C:1]=[OX1]>>[C:1]=S", "O=C1C=CC(=S)C=C1"),
        ("c1ccccc1", "[cH:1]:[cH:2]>>[c:1]1:c:c:c:c:[c:2]1", "c1ccc2ccccc2c1"),
        ("C1CCCCC1", "[CX4H2:1]@;-[*:2]@;-[CX4H2:3]>>[CH:1]1-[*:2]-[CH:3]CC1", "C1CC2CCC(C1)C2"),
    ],
)
def test_change_does_what_it_says(parent, change, expected, monkeypatch):
    wanted = ReactionToSmarts(ReactionFromSmarts(change))
    (chosen,) = (each for each in CHANGES if ReactionToSmarts(each) == wanted)
    monkeypatch.setattr(variation, "CHANGES", (chosen,))
    monkeypatch.setattr(variation, "STEPS", (1,))
    random = Random(1)
    found = Counter(vary(parent, random) for _ in range(20))
    assert expected in found


def test_change_without_a_place_gives_nothing(monkeypatch):
    monkeypatch.setattr(variation, "CHANGES", (CHANGES[0],))
    assert vary("CC", Random(1)) is None


@pytest.mark.parametrize("place", range(len(CHANGES)))
def test_every_change_fits_some_molecule(place, monkeypatch):
    monkeypatch.setattr(variation, "CHANGES", (CHANGES[place],))
    monkeypatch.setattr(variation, "STEPS", (1,))
    random = Random(1)
    parents = (
        *PARENTS,
        "Cc1ccc2[nH]ccc2c1",
        "CCSC",
        "c1ccoc1",
        "CNC",
        "CCC=CC",
        "c1ccsc1",
        "CC(C)C(C)C",
        "c1ccncc1",
    )
    assert any(vary(parent, random) for parent in parents for _ in range(3))
