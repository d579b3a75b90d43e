import pytest

from organode.chem import parse_smiles
from organode.label import xtb
from organode.label.geometry.relaxation import relax
from organode.label.ions import relaxed
from organode.label.record import Ion, LabelError


@pytest.fixture(scope="module")
def anisole():
    return xtb.label(parse_smiles("COc1ccccc1"), "acetonitrile", adiabatic=True)


def test_relaxed_ions_are_lower_than_vertical_ions_by_half_the_reorganisation_energy(anisole):
    vertical = xtb.label(parse_smiles("COc1ccccc1"), "acetonitrile")
    oxidised, reduced = anisole.ions
    assert (oxidised.charge, oxidised.unpaired, oxidised.status) == (1, 1, "ok")
    assert (reduced.charge, reduced.unpaired, reduced.status) == (-1, 1, "ok")
    # Of the four-point reorganisation energy both halves are of similar size: Nelsen 1987.
    assert 0.3 < (vertical.IE - anisole.IE) / oxidised.reorganisation < 0.7
    lowest = oxidised.adiabatic + max(oxidised.settled, 0)  # from the lower of two geometries
    assert pytest.approx(lowest - xtb.SHIFT) == anisole.IE
    same = ("IE_vertical", "EA_vertical", "IE_ipea1", "EA_ipea1", "IE_gfn2", "EA_gfn2")
    for column in (*same, "HOMO_gfn2", "LUMO_gfn2"):
        assert getattr(anisole, column) == getattr(vertical, column)
    assert vertical.ions == ()
    assert (vertical.IE_vertical, vertical.EA_vertical) == (vertical.IE, vertical.EA)


def test_ion_that_does_not_get_lower_keeps_the_vertical_energy(anisole):
    vertical = xtb.label(parse_smiles("COc1ccccc1"), "acetonitrile")
    unbound = anisole.ions[1]
    assert -unbound.adiabatic - xtb.SHIFT < vertical.EA
    assert pytest.approx(vertical.EA, abs=0.005) == anisole.EA  # except for the species' geometry
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
def test_anion_that_loses_a_halide_names_the_broken_bond(smiles, bond):
    _, reduced = xtb.label(parse_smiles(smiles), "acetonitrile", adiabatic=True).ions
    assert f"broke {bond}" in reduced.changes
    loosest, left = reduced.loosest.split()
    assert loosest == bond
    assert float(left) < 0.4
    assert min(reduced.charges) < -0.7  # the halide


def test_charged_species_are_in_the_order_of_measured_potentials():
    viologen = xtb.label(parse_smiles("C[n+]1ccc(-c2cc[n+](C)cc2)cc1"), "acetonitrile")
    pyridinium = xtb.label(parse_smiles("C[n+]1ccccc1"), "acetonitrile")
    # In acetonitrile methyl viologen is reduced at about −0.8 V vs Fc, methylpyridinium below −1.6.
    assert viologen.EA > pyridinium.EA + 0.5


@pytest.mark.parametrize("smiles", ["c1ccccc1", "C", "FC(F)(F)F", "[CH3]"])
def test_symmetric_species_has_relaxed_ions(smiles):
    """By symmetry the geometries in the gas phase and in the solvent are the same."""
    label = xtb.label(parse_smiles(smiles), "acetonitrile", adiabatic=True)
    assert label.ions[0].adiabatic is not None
    assert label.IE_vertical + 1e-6 >= label.IE


def test_ion_that_falls_apart_has_no_adiabatic_label():
    label = xtb.label(parse_smiles("CCBr"), "acetonitrile", adiabatic=True)
    assert label.EA_vertical == label.EA
    assert label.remark == "reduced: broke 1-2"


def test_second_step_needs_more_energy_than_the_first():
    """In acetonitrile by 0.7 V for quinones, by half of that for bipyridinium dications."""
    quinone, viologen = (
        xtb.label(parse_smiles(smiles), "acetonitrile", adiabatic=True).ions
        for smiles in ("O=C1C=CC(=O)C=C1", "C[n+]1ccc(-c2cc[n+](C)cc2)cc1")
    )
    for oxidised, reduced in (quinone, viologen):
        assert reduced.further > reduced.adiabatic
        assert oxidised.further > oxidised.adiabatic
    gaps = [reduced.further - reduced.adiabatic for _, reduced in (quinone, viologen)]
    assert gaps[0] > gaps[1]


def test_ion_that_cannot_be_relaxed_has_its_vertical_energy(monkeypatch):
    def fail(conformer, state, **options):
        if state.charge < 0:
            raise LabelError("relaxation not converged after 500 steps")
        return relax(conformer, state, **options)

    monkeypatch.setattr(relaxed, "relax", fail)
    vertical = xtb.label(parse_smiles("CO"), "water")
    label = xtb.label(parse_smiles("CO"), "water", adiabatic=True)
    assert label.EA == vertical.EA
    assert label.ions[0].status == "ok"
    assert label.ions[1] == Ion(-1, 1, "relaxation not converged after 500 steps")


def test_lower_rotamer_of_an_ion_is_taken(monkeypatch):
    molecule = parse_smiles("COc1cccc(OC)c1")
    with_rotamers = xtb.label(molecule, "acetonitrile", adiabatic=True)
    monkeypatch.setattr(relaxed, "rotamers", lambda _: [])
    without = xtb.label(molecule, "acetonitrile", adiabatic=True)
    assert with_rotamers.ions[0].energy <= without.ions[0].energy + 0.003
    assert with_rotamers.ions[0].energy_own <= without.ions[0].energy_own + 0.003
