"""Cores that are found in many molecules at once, beside those of a verdict on each."""

import numpy as np
import pandas as pd
from rdkit import Chem

from helpers import ROOT
from organode.chem.count_fingerprint import count_environments
from organode.electrochemistry.stability import OXIDISED, REDUCED
from organode.electrochemistry.stability.core_finder import CoreFinder
from organode.electrochemistry.stability.rules import cores, read, split
from organode.electrochemistry.stability.sieve import EnvironmentSieve
from organode.electrochemistry.stability.verdict import Examined, verdict

# Atoms and molecules whose environments are unusual, hydrogens as atoms among them.
UNUSUAL = ["[H][H]", "O", "CC", "[Na+].[Cl-]", "[2H]C1=CC(=O)C=CC1=O", "[H]C1=CC(=O)C=CC1=O", "[C]"]


def molecules():
    texts = [
        smiles
        for row in read("cores.csv")
        for column in ("examples", "counterexamples")
        for smiles in split(row[column])
    ]
    texts += pd.read_csv(ROOT / "data/measured/reversibility.csv")["smiles"].tolist()
    texts += pd.read_csv(ROOT / "data/embedded/library.csv")["smiles"].iloc[::10].tolist()
    return [Chem.MolFromSmiles(text) for text in [*dict.fromkeys(texts), *UNUSUAL]]


def test_cores_are_those_of_the_verdicts():
    given = molecules()
    finder = CoreFinder()
    found = [
        finder.have_core(block, count_environments(block)) for block in (given[:100], given[100:])
    ]
    examined = [Examined.of(molecule) for molecule in given]
    expected = [
        [verdict(each, side).core != "" for side in (OXIDISED, REDUCED)] for each in examined
    ]
    assert np.concatenate(found).tolist() == expected
    assert np.any(expected, axis=0).all()
    assert not np.all(expected, axis=0).any()


def test_no_molecule_gives_no_row():
    assert CoreFinder().have_core([], count_environments([])).shape == (0, 2)


def test_environments_exclude_most_cores(monkeypatch):
    searched = []
    may_have = EnvironmentSieve.may_have
    monkeypatch.setattr(
        EnvironmentSieve,
        "may_have",
        lambda self, counts: searched.append(may_have(self, counts)) or searched[-1],
    )
    given = molecules()
    CoreFinder().have_core(given, count_environments(given))
    patterns = {core.pattern.place for side in (OXIDISED, REDUCED) for core in cores(side)}
    assert searched[0].shape == (len(given), len(patterns))
    assert searched[0].mean() < 0.2
