"""Frontier orbitals from the graph alone: a Hückel model with one orbital on each heavy atom.

A circular fingerprint ends after a few bonds; a frontier orbital goes as far as conjugation does.
The model is Hückel's (Z. Phys. 70 (1931) 204, doi 10.1007/bf01339530), extended from π electrons to
all heavy atoms: a lone pair is a centre with two electrons, and so is a saturated carbon, which
takes part by hyperconjugation.

Two such models describe a molecule. One has integrals that `data/embedded/build` fitted to the
xTB energies of the embedded molecules. The other has textbook integrals, and each atom's charge
acts back on its Coulomb integral, a few times (the ω technique: Wheland and Mann, J. Chem. Phys. 17
(1949) 264, doi 10.1063/1.1747237).

Energies are in units of the resonance integral β between two carbons, counted from the Coulomb
integral of a π carbon: a larger one is bound more tightly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rdkit import Chem
from threadpoolctl import threadpool_limits

from organode.chem.orbitals.centres import GROUPS, Batch, batches, skeleton
from organode.chem.orbitals.integrals import fitted, textbook

OMEGA = 1.0  # β an electron: by how much its charge shifts an atom's Coulomb integral. A round
# number, not fitted; 1.4 is usual for the cations of hydrocarbons.
ROUNDS = 3  # in which charges act back; from the second on, the mean of old and new ones
TIE, APART = 1e-6, 1e-3  # β; closer levels share their electrons, in between the less the further
EMPTY, FULL = -3.0, 4.0  # β; stand in for an orbital that a molecule has not got
GRID = 2.0**18  # steps a unit; of a power of two, so that simple fractions lie on the grid
STEEP = 4.0  # 1/β; an orbital that lies 1/STEEP behind the frontier counts 1/e of it


@dataclass(frozen=True)
class Orbitals:
    """The frontier orbitals of n molecules.

    Attributes
    ----------
    descriptors : numpy.ndarray
        Shape (n, len(NAMES)), float32, finite; zeros for a molecule without a heavy atom.
    densities : list of numpy.ndarray
        Of each molecule, shape (n_atoms, 2), float32: one electron's density in the highest
        occupied and in the lowest empty orbital, on each atom. It sums to 1, or to 0 where there
        is no such orbital.
    """

    descriptors: np.ndarray
    densities: list[np.ndarray]


def orbitals(molecules: Sequence[Chem.Mol]) -> Orbitals:
    """Describe the frontier orbitals of molecules without explicit hydrogens.

    The densities are those of the fitted model.
    """
    names, integrals = fitted()
    from_textbook = textbook(names)
    descriptors = np.zeros((len(molecules), len(NAMES)), np.float32)
    densities = [np.zeros((one.GetNumAtoms(), 2), np.float32) for one in molecules]
    prepared = batches([skeleton(molecule) for molecule in molecules], names)
    with threadpool_limits(1):  # on matrices so small, threads only wait for one another
        for batch in prepared:
            described, density = _describe(batch, batch.hamiltonians(integrals))
            beside, _ = _describe(batch, _with_charges(batch, batch.hamiltonians(from_textbook)))
            size = np.full(len(beside), np.log(batch.coulomb.shape[1]))
            whole = np.column_stack([size, batch.charge, batch.single])
            descriptors[batch.molecule] = _settled(np.hstack([whole, described, beside]))
            for position, one in zip(batch.molecule, density, strict=True):
                densities[position] = _settled(one)
    return Orbitals(descriptors, densities)


def _settled(values: np.ndarray) -> np.ndarray:
    """Return values on a grid, float32, so that the same molecule has the same bytes anywhere.

    Kernels of linear algebra differ from processor to processor in the last digit of an energy.
    Levels between `TIE` and `APART` make up to 4e-8 of it on the embedded set, far less than a step
    of the grid. Zero has one sign.
    """
    return (np.round(values * GRID) / GRID + 0.0).astype(np.float32)


FRONTIER = ("energy", "size", "coulomb", "charge", "self", *GROUPS)
OF_A_MODEL = (
    "HOMO-1", "HOMO-2", "LUMO+1", "LUMO+2", "hardness",
    *(f"{orbital} {what}" for orbital in ("HOMO", "LUMO") for what in FRONTIER),
    "occupied, low", "occupied, high", "virtual, low", "virtual, high",
    "energy", "charge, least", "charge, most", "charge, mean",
)  # fmt: skip
OF_THE_WHOLE = ("centres", "net charge", "unpaired")
NAMES = (*OF_THE_WHOLE, *OF_A_MODEL, *(f"{name}, textbook" for name in OF_A_MODEL))


def _with_charges(batch: Batch, matrices: np.ndarray) -> np.ndarray:
    """Return the matrices, shape (m, n, n), with the atoms' charges acting back on them."""
    centre = np.arange(batch.coulomb.shape[1])
    shifted, charge = matrices, np.zeros(batch.coulomb.shape)
    for turn in range(ROUNDS):
        energies, vectors = np.linalg.eigh(shifted)
        filled = _occupation(energies[:, ::-1], batch.occupied, batch.single)
        found = _charge(batch, np.square(vectors[:, :, ::-1]), filled)
        charge = (charge + found) / 2 if turn else found
        shifted = matrices.copy()
        shifted[:, centre, centre] += OMEGA * charge
    return shifted


def _occupation(energies: np.ndarray, occupied: np.ndarray, single: np.ndarray) -> np.ndarray:
    """Return how full each level is, shape (m, n), 0 to 1; one electron fills half of it.

    Levels (the most tightly bound first) that are equal to the highest occupied one share their
    electrons: which of them an algorithm names first depends on the order of the atoms. Levels that
    are nearly equal share in part, so that rounding never decides.
    """
    level = np.arange(energies.shape[1])
    pairs = occupied + single / 2
    highest = np.take_along_axis(energies, (occupied + single)[:, None] - 1, axis=1)
    shares = np.clip((APART - np.abs(energies - highest)) / (APART - TIE), 0, 1)
    alone = np.clip(pairs[:, None] - level, 0, 1) * (1 - shares)
    left = pairs - alone.sum(axis=1)
    return np.asarray(alone + shares * (left / shares.sum(axis=1))[:, None])


def _charge(batch: Batch, squared: np.ndarray, filled: np.ndarray) -> np.ndarray:
    return np.asarray(batch.electrons - 2 * np.einsum("mij,mj->mi", squared, filled))


def _describe(batch: Batch, matrices: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the descriptors `OF_A_MODEL` of a batch, shape (m, d), and its densities."""
    m, n = batch.coulomb.shape
    rows = np.arange(m)
    energies, vectors = np.linalg.eigh(matrices)
    energies, squared = energies[:, ::-1], np.square(vectors[:, :, ::-1])
    # An unpaired electron's orbital is both: it gives that electron, and takes another.
    homo, has_lumo = batch.occupied + batch.single - 1, batch.occupied < n
    lumo = np.minimum(batch.occupied, n - 1)
    filled = _occupation(energies, batch.occupied, batch.single)
    coulomb = matrices[:, np.arange(n), np.arange(n)]
    charge = _charge(batch, squared, filled)
    ladder = np.hstack([np.full((m, 3), FULL), energies, np.full((m, 3), EMPTY)])
    frontiers = ((homo, np.ones(m, bool), filled, -1), (lumo, has_lumo, 1 - filled, 1))
    densities = np.stack(
        [
            _density(squared, energies, number, part, sign) * present[:, None]
            for number, present, part, sign in frontiers
        ],
        axis=2,
    )

    above = batch.occupied + 3  # the lowest empty one's place on the ladder
    columns = [ladder[rows, homo + 3 + step] for step in (-1, -2)]
    columns += [ladder[rows, above + step] for step in (1, 2)]
    columns.append(1 / (ladder[rows, homo + 3] - ladder[rows, above] + 0.3))
    for (number, present, _, _), density in zip(
        frontiers, densities.transpose(2, 0, 1), strict=True
    ):
        concentration = np.square(density).sum(axis=1)
        columns += [
            np.where(present, energies[rows, number], EMPTY),
            present / np.maximum(concentration, 1 / n),
            (density * coulomb).sum(axis=1),
            (density * charge).sum(axis=1),
            concentration,
            *((density * (batch.group == group)).sum(axis=1) for group in range(len(GROUPS))),
        ]
    for _, _, part, sign in frontiers:
        # Smooth highest occupied (lowest empty) energies: how many others lie near the frontier.
        columns += [
            np.log((np.exp(sign * steep * energies) * part).sum(axis=1) + 1e-3)
            for steep in (1.5, STEEP)
        ]
    columns += [
        (energies * filled).sum(axis=1) / (batch.occupied + batch.single / 2),
        charge.min(axis=1),
        charge.max(axis=1),
        np.abs(charge).mean(axis=1),
    ]
    return np.column_stack(columns), densities


def _density(
    squared: np.ndarray, energies: np.ndarray, number: np.ndarray, part: np.ndarray, sign: int
) -> np.ndarray:
    """Return the density of a frontier orbital, shape (m, n), those near it mixed in.

    Of degenerate orbitals any mixture is a solution, so that one of them alone would depend on
    the order of the atoms; weighted by their distance in energy, they have one density.
    """
    frontier = np.take_along_axis(energies, number[:, None], axis=1)
    weights = np.exp(np.minimum(sign * STEEP * (energies - frontier), 0)) * part
    total = np.maximum(weights.sum(axis=1, keepdims=True), 1e-9)
    return np.asarray(np.einsum("mij,mj->mi", squared, weights / total))
