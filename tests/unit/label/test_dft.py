"""Limits are the measured values (NIST WebBook) widened by B3LYP's error."""

import json
import sys

import numpy as np
import pandas as pd
import pytest
from rdkit import Chem
from rdkit.Chem.rdMolDescriptors import CalcMolFormula

from organode.chem import parse_smiles
from organode.errors import UsageError
from organode.label import dft
from organode.label.engine import label_table
from organode.label.geometry.relaxation import ChargeState
from organode.label.method import COLUMNS_B3LYP, Method
from organode.label.partial import identity
from organode.label.record import LabelError

pytest.importorskip("pyscf")

FORMALDEHYDE = "C=O"


@pytest.fixture(scope="module")
def formaldehyde() -> dft.DftLabel:
    return dft.label(parse_smiles(FORMALDEHYDE))


@pytest.fixture(scope="module")
def in_water() -> dft.DftLabel:
    return dft.label(parse_smiles(FORMALDEHYDE), "water")


def test_vertical_energies_are_near_measured_energies(formaldehyde):
    assert formaldehyde.status == "ok"
    assert pytest.approx(10.9, abs=0.2) == formaldehyde.IE
    assert pytest.approx(-0.86, abs=0.2) == formaldehyde.EA


@pytest.mark.parametrize(
    ("smiles", "atoms", "positions"),
    [
        ("O", "OHH", [(0, 0, 0.117), (0, 0.757, -0.47), (0, -0.757, -0.47)]),
        pytest.param(
            FORMALDEHYDE,
            "COHH",
            [(0, 0, 0), (0, 0, 1.2), (0, 0.94, -0.59), (0, -0.94, -0.59)],
            marks=pytest.mark.slow,
        ),
    ],
)
def test_fast_fock_matrix_agrees_with_pyscf(smiles, atoms, positions):
    """With exact integrals, a fine grid and tight convergence, at the same geometry."""
    from pyscf import dft as ks
    from pyscf import gto

    geometry = dft._Geometry(Chem.AddHs(parse_smiles(smiles)), np.array(positions, float), None)
    neutral = geometry.converge(ChargeState(0, 0))
    exact = []
    for charge in (0, 1, -1):
        placed = list(zip(atoms, positions, strict=True))
        state = gto.M(atom=placed, basis=dft.BASIS, charge=charge, spin=abs(charge), verbose=0)
        field = (ks.UKS if charge else ks.RKS)(state, xc=dft.FUNCTIONAL)
        field.grids.level = 3
        exact.append(field.kernel())
    for charge, theirs in zip((1, -1), exact[1:], strict=True):
        ours = geometry.converge(ChargeState(charge, 1), neutral).energy - neutral.energy
        assert (ours - theirs + exact[0]) * dft.HARTREE == pytest.approx(0, abs=0.01)


def test_neutral_radical_has_closed_shell_ions(monkeypatch):
    states = []
    converge = dft._Geometry.converge

    def spy(self, charge, start=None):
        states.append((charge.charge, charge.unpaired))
        return converge(self, charge, start)

    monkeypatch.setattr(dft._Geometry, "converge", spy)
    methyl = dft.label(parse_smiles("[CH3]"))
    assert states == [(0, 1), (1, 0), (-1, 0)]
    assert pytest.approx(9.84, abs=0.2) == methyl.IE
    assert pytest.approx(0, abs=0.3) == methyl.EA


def test_solvent_stabilises_both_ions(formaldehyde, in_water):
    assert -4 < in_water.IE - formaldehyde.IE < -1.5
    assert 1.5 < in_water.EA - formaldehyde.EA < 4


def test_fast_continuum_agrees_with_pyscf(in_water, monkeypatch):
    from pyscf.solvent.pcm import PCM

    from organode.label.fock import Cavity

    monkeypatch.setattr(Cavity, "build", PCM.build)
    monkeypatch.setattr(Cavity, "_get_vind", PCM._get_vind)
    theirs = dft.label(parse_smiles(FORMALDEHYDE), "water")
    assert pytest.approx(theirs.IE, abs=0.001) == in_water.IE
    assert pytest.approx(theirs.EA, abs=0.001) == in_water.EA


def test_relaxed_ions_are_never_higher_than_vertical_ions(formaldehyde):
    relaxed = dft.label(parse_smiles(FORMALDEHYDE), adiabatic=True)
    # GFN2-xTB's geometry of this cation is worse than the neutral molecule's.
    assert pytest.approx(formaldehyde.IE, abs=0.02) == relaxed.IE
    assert formaldehyde.EA + 0.1 < relaxed.EA < formaldehyde.EA + 0.6


def test_ion_that_breaks_does_not_affect_the_other_ion():
    methylamine = dft.label(parse_smiles("CN"), adiabatic=True)
    assert methylamine.status == "reduced: a bond broke during relaxation (N–H)"
    assert methylamine.EA is None
    assert methylamine.EA_vertical < 0
    assert methylamine.IE_vertical - 0.3 > methylamine.IE
    assert abs(methylamine.IE - 8.9) < 0.2  # 9.6 with a pyramidal nitrogen


@pytest.mark.parametrize("solvent", [None, "water"])
def test_slow_convergence_gives_the_same_energy(formaldehyde, in_water, monkeypatch, solvent):
    monkeypatch.setattr(dft, "MAX_ITERATIONS", 3)  # then shifted levels, then Newton
    slow = dft.label(parse_smiles(FORMALDEHYDE), solvent)
    usual = in_water if solvent else formaldehyde
    assert pytest.approx(usual.IE, abs=0.002) == slow.IE
    assert pytest.approx(usual.EA, abs=0.002) == slow.EA


def test_failed_convergence_is_an_error(monkeypatch):
    monkeypatch.setattr(dft, "GRADIENT", 0.0)
    monkeypatch.setattr(dft, "MAX_ITERATIONS", 1)
    with pytest.raises(LabelError, match=r"did not converge at charge \+0"):
        dft.label(parse_smiles("C"))


@pytest.mark.parametrize(
    ("smiles", "reason"),
    [
        ("C" * 19, r"19 heavy atoms, more than b3lyp takes \(18\)"),
        ("CBr", r"no 6-31\+G\(d\) basis functions for Br"),
    ],
)
def test_molecule_that_cannot_be_computed_is_rejected_first(monkeypatch, smiles, reason):
    monkeypatch.setattr(dft, "relaxed", None)
    with pytest.raises(LabelError, match=reason):
        dft.label(parse_smiles(smiles))


def test_all_other_elements_have_basis_functions():
    everything = Chem.AddHs(parse_smiles("CB(O)[Si](F)(Cl)NPS"))
    assert CalcMolFormula(everything) == "CH7BClFNOPSSi"
    line = np.outer(np.arange(everything.GetNumAtoms()), (1, 0, 0))
    geometry = dft._Geometry(everything, line, None)
    assert geometry.fitting._auxbasis.keys() == {a.GetSymbol() for a in everything.GetAtoms()}


def test_missing_pyscf_names_the_extra(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "pyscf", None)
    with pytest.raises(UsageError, match=r"'pyscf'.*\[dft\]"):
        label_table(["C"], tmp_path / "labels.csv", level="b3lyp")
    assert list(tmp_path.iterdir()) == []


def test_interrupted_table_is_resumed(tmp_path, monkeypatch):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))  # of the workers
    cells = ["C", "CBr", "CO", FORMALDEHYDE]
    out, partial = tmp_path / "labels.csv", tmp_path / "labels.csv.partial"
    done = {"row": 2, "smiles": "CO", "status": "anion: it broke", "IE": 1.5, "EA": None}
    method = Method("b3lyp")
    lines = [json.dumps({"identity": identity(cells, method)}), json.dumps(done)]
    partial.write_text("\n".join(lines) + '\n{"row": 0, "smi')
    table = label_table(cells, out, level="b3lyp", jobs=1)
    assert list(table.columns) == COLUMNS_B3LYP
    assert table["status"].tolist() == [
        "ok",
        "no 6-31+G(d) basis functions for Br",
        "anion: it broke",
        "ok",
    ]
    assert table["IE"].tolist()[2] == 1.5
    assert table["EA"].isna().tolist() == [False, True, True, False]
    written = pd.read_csv(out)
    assert written["IE"].tolist()[3] == pytest.approx(10.9, abs=0.2)
    assert not partial.exists()
    assert list(scratch.iterdir()) == []
