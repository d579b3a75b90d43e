"""A model whose potentials follow a rule, with a laboratory scale, in place of a trained one."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from rdkit import Chem

from organode.chem.features import Molecules
from organode.electrochemistry import against_fc
from organode.electrochemistry.scale.laboratory import ROWS
from organode.electrochemistry.scale.potential import Potential
from organode.utils.predictive import Predictive

AQ = "O=C1c2ccccc2C(=O)c2ccccc21"
BQ = "O=C1C=CC(=O)C=C1"
CHLORANIL = "O=C1C(Cl)=C(Cl)C(=O)C(Cl)=C1Cl"
METHOXY_AQ = "COc1cccc2c1C(=O)c1ccccc1C2=O"
MEASURED = [  # name, SMILES, solvent, reversible, V vs Fc/Fc+
    ("9,10-anthraquinone (AQ)", AQ, "ACN", "no", -1.50),
    ("9,10-anthraquinone (AQ)", "O=C1c2ccccc2C(=O)c2ccccc12", "ACN", "yes", -1.30),
    ("anthraquinone", AQ, "ACN", "yes", -1.32),
    ("1,4-benzoquinone (BQ)", BQ, "DMF", "yes", -0.90),
    ("methyl viologen (MV)", "C[n+]1ccc(-c2cc[n+](C)cc2)cc1", "ACN", "quasi", -0.80),
    ("twice (TW)", "CCO", "ACN", "no", 0.0),
    ("again (TW)", "CCCO", "ACN", "no", 0.0),
]


@dataclass(frozen=True)
class MeasuredScale:
    """The part of a laboratory scale that a comparison asks for."""

    rows: pd.DataFrame
    measured: np.ndarray
    left_out: np.ndarray
    spread: np.ndarray
    bits: np.ndarray

    @classmethod
    def of(cls, measured):
        rows = pd.DataFrame("", index=range(len(measured)), columns=list(ROWS), dtype="str")
        names = ("name", "smiles", "solvent", "reversible")
        for name, cells in zip(names, list(zip(*measured, strict=True))[:4], strict=True):
            rows[name] = pd.array(cells, "str")
        rows["doi"] = "10.1/x"
        volts = np.array([row[4] for row in measured])
        molecules = [Chem.MolFromSmiles(smiles) for smiles in rows["smiles"]]
        spread = np.full(len(volts), 0.1)
        return cls(rows, volts, volts + 0.05, spread, Molecules(molecules).bits)

    def effect(self, solvent):
        return (0.0, 0.0) if solvent == "ACN" else (0.2, 0.03)


@dataclass(frozen=True)
class Made:
    """An answer: potentials by a rule."""

    model: object
    potential: Potential

    def measured(self, electrode, solvent):
        zero = self.model.zero(electrode, solvent)
        return self.potential.moved(*zero), self.potential.moved(*zero)


@dataclass(frozen=True)
class RuleModel:
    """A model whose potential depends on heteroatoms, not additively."""

    target: str
    scale: MeasuredScale

    def answer(self, molecules):
        counts = [
            [sum(atom.GetSymbol() == each for atom in molecule.GetAtoms()) for each in ("Cl", "O")]
            for molecule in molecules.molecules
        ]
        volts = np.array([0.1 * chlorine**1.5 - 0.2 * oxygen for chlorine, oxygen in counts])
        scores = Predictive([np.linspace(-2, 2, 101)])
        n = len(volts)
        return Made(self, Potential(volts, np.full(n, 0.1), scores, [""] * n))

    def zero(self, electrode, solvent):
        shift, spread = self.scale.effect(solvent)
        return shift - against_fc(electrode, solvent).volts, spread
