import numpy as np
import pandas as pd
import pytest
from rdkit import Chem

from organode.chem import parse_smiles
from organode.errors import OrganodeError
from organode.label import fragments, ions, xtb
from organode.label.geometry.conformer import changes, embed, placed, rotamers
from organode.label.engine import COLUMNS, label_table
from organode.label.ions.table import KINDS, beside, read_ions
from organode.label.record import Ion, LabelError
from organode.label.geometry.relaxation import Charge, charge_states, relax, rmsd
from organode.label.singlepoint import Medium, atomic_numbers


@pytest.fixture(scope="module")
def anisole():
    return xtb.label(parse_smiles("COc1ccccc1"), "acetonitrile", adiabatic=True)


def test_relaxed_ions_lie_below_vertical_ones_by_their_part_of_the_reorganisation(anisole):
    vertical = xtb.label(parse_smiles("COc1ccccc1"), "acetonitrile")
    oxidised, reduced = anisole.ions
    assert (oxidised.charge, oxidised.unpaired, oxidised.status) == (1, 1, "ok")
    assert (reduced.charge, reduced.unpaired, reduced.status) == (-1, 1, "ok")
    # One of two halves of the four-point energy, of about the same size: Nelsen 1987.
    assert 0.3 < (vertical.IE - anisole.IE) / oxidised.reorganisation < 0.7
    lowest = oxidised.adiabatic + max(oxidised.settled, 0)  # from the lower of two geometries
    assert pytest.approx(lowest - xtb.SHIFT) == anisole.IE
    for column in (
        "IE_vertical",
        "EA_vertical",
        "IE_ipea1",
        "EA_ipea1",
        "IE_gfn2",
        "EA_gfn2",
        "HOMO_gfn2",
        "LUMO_gfn2",
    ):
        assert getattr(anisole, column) == getattr(vertical, column)
    assert vertical.ions == ()
    assert (vertical.IE_vertical, vertical.EA_vertical) == (vertical.IE, vertical.EA)


def test_an_ion_that_gets_no_lower_keeps_the_geometry(anisole):
    vertical = xtb.label(parse_smiles("COc1ccccc1"), "acetonitrile")
    unbound = anisole.ions[1]
    assert -unbound.adiabatic - xtb.SHIFT < vertical.EA
    assert pytest.approx(vertical.EA, abs=0.005) == anisole.EA  # but for the species' geometry
    quinone = parse_smiles("O=C1C=CC(=O)C=C1")
    bound = xtb.label(quinone, "acetonitrile", adiabatic=True)
    assert bound.EA > xtb.label(quinone, "acetonitrile").EA + 0.1


def test_charges_and_spins_sum_to_those_of_the_ion(anisole):
    for ion in anisole.ions:
        assert len(ion.charges) == len(ion.spins) == 8
        assert sum(ion.charges) == pytest.approx(ion.charge, abs=0.01)
        assert sum(ion.spins) == pytest.approx(ion.unpaired, abs=0.01)
    oxidised = dict(enumerate(anisole.ions[0].spins))
    assert oxidised[5] > 0.2  # para to the methoxy group,
    assert oxidised[5] > 4 * abs(oxidised[4])  # not meta


@pytest.mark.parametrize(("smiles", "bond"), [("CCBr", "1-2"), ("BrCc1ccccc1", "0-1")])
def test_an_anion_that_loses_a_halide_says_so(smiles, bond):
    _, reduced = xtb.label(parse_smiles(smiles), "acetonitrile", adiabatic=True).ions
    assert f"broke {bond}" in reduced.changes
    place, left = reduced.loosest.split()
    assert place == bond
    assert float(left) < 0.4
    assert min(reduced.charges) < -0.7  # the halide


def test_species_of_any_charge_have_their_ions():
    assert [state.charge for state in charge_states(parse_smiles("C[n+]1ccccc1"))] == [1, 2, 0]
    assert [s.unpaired for s in charge_states(parse_smiles("CC1(C)CCCC(C)(C)N1[O]"))] == [1, 0, 0]
    viologen = xtb.label(parse_smiles("C[n+]1ccc(-c2cc[n+](C)cc2)cc1"), "acetonitrile")
    pyridinium = xtb.label(parse_smiles("C[n+]1ccccc1"), "acetonitrile")
    # In acetonitrile methyl viologen is reduced at about −0.8 V vs Fc, methylpyridinium below −1.6.
    assert viologen.EA > pyridinium.EA + 0.5


@pytest.mark.parametrize("smiles", ["c1ccccc1", "C", "FC(F)(F)F", "[CH3]"])
def test_a_species_that_need_not_move_has_its_ions(smiles):
    """So symmetric that the gas phase's geometry is the solvent's."""
    label = xtb.label(parse_smiles(smiles), "acetonitrile", adiabatic=True)
    assert label.ions[0].adiabatic is not None
    assert label.IE_vertical + 1e-6 >= label.IE


def test_two_unpaired_electrons_stay_so_where_that_is_lower():
    for smiles, spin in (("CN([O])CC#CCN(C)[O]", 2), ("[CH2]C=C[CH2]", 0)):
        conformer, states, found = xtb.relaxed(parse_smiles(smiles))
        assert [state.unpaired for state in states] == [2, 1, 1]
        medium = Medium(atomic_numbers(conformer), None)
        own, *others = xtb.ground_states(medium, found.positions, states)
        assert own == Charge(0, spin)
        assert [state.unpaired for state in others] == [1, 1]


def test_rotamers_are_no_other_stereoisomers():
    start = embed(Chem.MolFromSmiles("CSc1ccccc1C=CC#N"))

    def stereo(positions):
        moved = placed(start, positions)
        Chem.AssignStereochemistryFrom3D(moved)
        return Chem.MolToSmiles(Chem.RemoveHs(moved))

    own = stereo(start.GetConformer().GetPositions())
    assert "/" in own
    assert {stereo(one) for one in rotamers(start)} == {own}


def test_an_ion_that_falls_apart_is_no_adiabatic_label():
    label = xtb.label(parse_smiles("CCBr"), "acetonitrile", adiabatic=True)
    assert label.EA_vertical == label.EA
    assert label.remark == "reduced: broke 1-2"


def test_an_ion_of_a_radical_may_be_a_triplet():
    """As carbenes are, CH2 by 0.39 eV, and nitroxides' ions are not."""
    medium = Medium(np.array([6, 1, 1]), None)
    bent = np.array([[0.0, 0.0, 0.0], [0.99, 0.0, 0.42], [-0.99, 0.0, 0.42]])
    doublet, singlet = Charge(1, 1), Charge(0, 0)
    states = xtb.ground_states(medium, bent, (doublet, singlet, singlet))
    assert states == (doublet, Charge(0, 2), Charge(0, 2))
    nitroxide, drawn, (positions, _) = xtb.relaxed(parse_smiles("CN(C)[O]"))
    assert xtb.ground_states(Medium(atomic_numbers(nitroxide), None), positions, drawn) == drawn


def test_an_anion_that_loses_a_halide_takes_little_to_fall_apart():
    """Chlorobenzene's anion cleaves at once, nitrobenzene's lives: Savéant 1993."""
    found = {
        smiles: xtb.label(parse_smiles(smiles), "acetonitrile", adiabatic=True).ions
        for smiles in ("Clc1ccccc1", "O=[N+]([O-])c1ccccc1", "Clc1ccc2ccccc2c1")
    }
    assert found["Clc1ccccc1"][1].cleaved == "0-1"  # the chloride keeps the electron
    assert found["Clc1ccccc1"][1].fragmentation < 0
    assert found["Clc1ccccc1"][0].fragmentation > 2  # the cation is safe
    lasting = found["O=[N+]([O-])c1ccccc1"][1]
    assert lasting.fragmentation is None or lasting.fragmentation > 1
    longer = found["Clc1ccc2ccccc2c1"][1].fragmentation  # naphthalenes hold it better
    assert longer > found["Clc1ccccc1"][1].fragmentation + 0.2


def test_parts_keep_the_charges_that_are_drawn():
    """Of benzyl pyridinium the radical is benzyl, and the pyridine has no charge."""
    _, reduced = xtb.label(
        parse_smiles("c1ccc(C[n+]2ccccc2)cc1"), "acetonitrile", adiabatic=True
    ).ions
    assert reduced.cleaved in ("4-5", "5-4")
    assert 0 < reduced.fragmentation < 1.5
    molecule = embed(Chem.MolFromSmiles("C[N+](C)(C)CCCl"))
    ion = relax(molecule, Charge(0, 1))
    chloride, rest = fragments._parts(molecule, ion, (6, 5), Charge(0, 1), "water")
    assert (chloride.state, rest.state) == (Charge(-1, 0), Charge(1, 1))
    assert chloride.energy + rest.energy < sum(
        part.energy for part in fragments._parts(molecule, ion, (5, 6), Charge(0, 1), "water")
    )
    assert [part.molecule.GetNumAtoms() for part in (chloride, rest)] == [1, 19]


def test_the_proton_that_leaves_is_the_most_acidic_one():
    def found(smiles):
        return xtb.label(parse_smiles(smiles), "acetonitrile", adiabatic=True).ions

    phenol, anisole, toluene = map(found, ("Oc1ccccc1", "COc1ccccc1", "Cc1ccccc1"))
    assert [ion.deprotonated for ion in phenol] == [0, 0]
    # Phenol's radical cation is an acid of pKa −2 in water: Dixon, Murphy, J. Chem. Soc., Faraday
    # Trans. 2 72 (1976) 1221 (not re-read); the neutral's is 10.
    assert phenol[1].deprotonation - phenol[0].deprotonation > 0.5
    # Anisoles' live, methylarenes' lose H⁺ at once.
    assert toluene[0].deprotonation < anisole[0].deprotonation
    assert anisole[1].deprotonation is None  # no acid
    acid = found("CC(=O)Cc1ccccc1")[1]
    assert acid.deprotonated == 3  # between carbonyl and phenyl, not the methyl group
    assert found("c1ccncc1")[0].deprotonation is None


def test_a_second_step_takes_more_than_the_first():
    """Of quinones by 0.7 V in acetonitrile, of bipyridinium dications by half of that."""
    quinone, viologen = (
        xtb.label(parse_smiles(smiles), "acetonitrile", adiabatic=True).ions
        for smiles in ("O=C1C=CC(=O)C=C1", "C[n+]1ccc(-c2cc[n+](C)cc2)cc1")
    )
    for oxidised, reduced in (quinone, viologen):
        assert reduced.further > reduced.adiabatic
        assert oxidised.further > oxidised.adiabatic
    gaps = [reduced.further - reduced.adiabatic for _, reduced in (quinone, viologen)]
    assert gaps[0] > gaps[1]


def test_an_ion_that_cannot_be_relaxed_leaves_the_vertical_energy(monkeypatch):
    def fail(conformer, state, **options):
        if state.charge < 0:
            raise LabelError("relaxation not converged after 500 steps")
        return relax(conformer, state, **options)

    monkeypatch.setattr(ions, "relax", fail)
    vertical = xtb.label(parse_smiles("CO"), "water")
    label = xtb.label(parse_smiles("CO"), "water", adiabatic=True)
    assert label.EA == vertical.EA
    assert label.ions[0].status == "ok"
    assert label.ions[1] == Ion(-1, 1, "relaxation not converged after 500 steps")


def test_rotamers_are_those_of_rings_and_what_they_bear():
    assert rotamers(embed(Chem.MolFromSmiles("CCCCO"))) == []
    assert rotamers(embed(Chem.MolFromSmiles("c1ccccc1"))) == []
    turned = rotamers(embed(Chem.MolFromSmiles("COc1cccc(OC)c1")))
    assert turned
    again = rotamers(embed(Chem.MolFromSmiles("COc1cccc(OC)c1")))
    assert all(np.array_equal(one, other) for one, other in zip(turned, again, strict=True))


def test_the_lower_rotamer_of_an_ion_counts(monkeypatch):
    molecule = parse_smiles("COc1cccc(OC)c1")
    found = xtb.label(molecule, "acetonitrile", adiabatic=True)
    monkeypatch.setattr(ions, "rotamers", lambda _: [])
    alone = xtb.label(molecule, "acetonitrile", adiabatic=True)
    assert found.ions[0].energy <= alone.ions[0].energy + 0.003
    assert found.ions[0].energy_own <= alone.ions[0].energy_own + 0.003


def test_rmsd_forgets_turns_and_shifts_and_knows_no_mirror():
    molecule = embed(Chem.MolFromSmiles("C[C@H](F)Cl"))
    positions = molecule.GetConformer().GetPositions()
    turn = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    assert rmsd(molecule, positions, positions @ turn + 3.0) == pytest.approx(0, abs=1e-6)
    assert rmsd(molecule, positions, positions * [1, 1, -1]) > 0.1
    moved = positions.copy()
    moved[0] += 0.5
    assert 0.1 < rmsd(molecule, positions, moved) < 0.87


def test_changes_name_the_atoms():
    two = Chem.MolFromSmiles("CC")
    (change,) = changes(two, np.array([[0.0, 0.0, 0.0], [3.0, 0.0, 0.0]]))
    assert (change.how, change.one, change.other) == ("broke", 0, 1)


def test_the_record_of_ions_stands_beside_the_table(tmp_path):
    out = tmp_path / "labels.csv"
    cells = ["CO", "no molecule", "C[n+]1ccccc1"]
    table = label_table(cells, out, solvent="acetonitrile", adiabatic=True, jobs=2)
    assert list(table.columns) == COLUMNS
    assert list(pd.read_csv(out).columns)[:2] == ["row", "smiles"]
    record = read_ions(beside(out))
    assert beside(out) == tmp_path / "labels.ions.parquet"
    assert record["row"].tolist() == [0, 0, 2, 2]
    assert record["ion"].tolist() == [*KINDS] * 2
    assert record["charge"].tolist() == [1, -1, 2, 0]
    assert record["adiabatic"].notna().all()
    assert record["charges"].map(len).tolist() == [2, 2, 7, 7]
    assert record["deprotonated"].tolist() == [1, 1, 0, pd.NA]


def test_without_adiabatic_there_is_no_record(tmp_path):
    label_table(["CO"], tmp_path / "labels.csv", jobs=1)
    with pytest.raises(OrganodeError, match="run `organode label --adiabatic`"):
        read_ions(beside(tmp_path / "labels.csv"))
