"""The fast parts of a Fock matrix equal those of pyscf."""

import numpy as np
import pytest

pytest.importorskip("pyscf")

from pyscf import df, dft, gto, lib
from pyscf.solvent.pcm import PCM

from organode.label.fock import Cavity, Fitting, Quadrature

B3LYP = "b3lypg"
AUXILIARY = "def2-universal-jkfit"


@pytest.fixture(scope="module")
def water():
    atoms = "O 0 0 0.117; H 0 0.757 -0.47; H 0 -0.757 -0.47"
    return gto.M(atom=atoms, basis="6-31g", verbose=0)


@pytest.fixture(scope="module")
def grids(water):
    grids = dft.gen_grid.Grids(water)
    grids.atom_grid = (20, 50)
    return grids.build()


def density(molecule, electrons, seed=1):
    """Return the density of orthonormal orbitals that nobody optimised, with its orbitals."""
    overlap = molecule.intor("int1e_ovlp")
    values, vectors = np.linalg.eigh(overlap)
    turned, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=overlap.shape))
    orbitals = (vectors / np.sqrt(values)) @ vectors.T @ turned
    occupation = np.zeros(len(overlap))
    occupation[: int(np.ceil(electrons / 2))] = 2
    occupation[int(np.ceil(electrons / 2)) - 1] -= electrons % 2
    matrix = (orbitals * occupation) @ orbitals.T
    return lib.tag_array(matrix, mo_coeff=orbitals, mo_occ=occupation)


def of_both_spins(molecule):
    """Return the densities of five electrons with spin up and four with spin down."""
    spins = []
    for seed, electrons in ((1, 5), (2, 4)):
        tagged = density(molecule, 2 * electrons, seed)
        spins.append((np.asarray(tagged) / 2, tagged.mo_coeff, tagged.mo_occ / 2))
    matrices, orbitals, occupations = (np.array(part) for part in zip(*spins, strict=True))
    return lib.tag_array(matrices, mo_coeff=orbitals, mo_occ=occupations)


@pytest.mark.parametrize("electrons", [10, 9])
def test_coulomb_and_exchange_of_a_closed_shell(water, electrons):
    dm = density(water, electrons)
    coulomb, exchange = Fitting(water, AUXILIARY).get_jk(dm)
    expected = df.DF(water, AUXILIARY).get_jk(np.asarray(dm))
    np.testing.assert_allclose(coulomb, expected[0], atol=1e-8)
    np.testing.assert_allclose(exchange, expected[1], atol=1e-4)  # in single precision


def test_coulomb_and_exchange_of_an_open_shell(water):
    dm = of_both_spins(water)
    coulomb, exchange = Fitting(water, AUXILIARY).get_jk(dm)
    expected = df.DF(water, AUXILIARY).get_jk(np.asarray(dm))
    np.testing.assert_allclose(coulomb[0], sum(expected[0]), atol=1e-8)
    assert not coulomb[1].any()  # the total is with the first spin
    np.testing.assert_allclose(exchange, expected[1], atol=1e-4)


def test_density_without_orbitals_is_left_to_pyscf(water):
    dm = np.asarray(density(water, 10))
    ours, theirs = Fitting(water, AUXILIARY), df.DF(water, AUXILIARY)
    for options in ({}, {"with_k": False}, {"with_j": False}):
        for mine, expected in zip(
            ours.get_jk(dm, **options), theirs.get_jk(dm, **options), strict=True
        ):
            if expected is not None:
                np.testing.assert_allclose(mine, expected, atol=1e-10)


def test_exchange_and_correlation_of_a_closed_shell(water, grids):
    dm = np.asarray(density(water, 10))
    result = Quadrature().nr_rks(water, grids, B3LYP, dm)
    expected = dft.numint.NumInt().nr_rks(water, grids, B3LYP, dm)
    np.testing.assert_allclose(result[:2], expected[:2], rtol=1e-5)
    np.testing.assert_allclose(result[2], expected[2], atol=1e-4)


def test_exchange_and_correlation_of_an_open_shell(water, grids):
    dm = np.asarray(of_both_spins(water))
    electrons, energy, matrices = Quadrature().nr_uks(water, grids, B3LYP, dm)
    expected = dft.numint.NumInt().nr_uks(water, grids, B3LYP, dm)
    np.testing.assert_allclose(electrons, expected[0], rtol=1e-5)
    assert energy == pytest.approx(expected[1], rel=1e-5)
    np.testing.assert_allclose(matrices, expected[2], atol=1e-4)


def test_equal_spins_give_the_closed_shell(water, grids):
    dm = np.asarray(density(water, 10))
    quadrature = Quadrature()
    electrons, energy, matrix = quadrature.nr_rks(water, grids, B3LYP, dm)
    of_spins = quadrature.nr_uks(water, grids, B3LYP, np.array([dm, dm]) / 2)
    assert sum(of_spins[0]) == pytest.approx(electrons, rel=1e-5)
    assert of_spins[1] == pytest.approx(energy, rel=1e-5)
    for spin in of_spins[2]:
        np.testing.assert_allclose(spin, matrix, atol=1e-4)


def cavity(kind, molecule):
    made = kind(molecule)
    made.method, made.eps, made.lebedev_order = "IEF-PCM", 78.4, 11
    made.verbose = 0
    return made


def test_continuum_has_the_energy_and_potential_of_pyscf(water):
    ours, theirs = cavity(Cavity, water), cavity(PCM, water)
    for dm in (np.asarray(density(water, 10)), np.asarray(of_both_spins(water))):
        energy, potential = ours._get_vind(dm)
        total = dm.sum(axis=0) if dm.ndim == 3 else dm
        expected_energy, expected = theirs._get_vind(total)
        assert energy == pytest.approx(expected_energy, abs=1e-4)
        np.testing.assert_allclose(potential, expected, atol=1e-4)
    assert energy < 0
