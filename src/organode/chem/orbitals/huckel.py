"""Frontier orbitals without geometry: a Hückel model with one orbital on each heavy atom.

A circular fingerprint describes only atoms a few bonds apart; a frontier orbital can extend over
all conjugated atoms of a molecule. The model is Hückel's (Z. Phys. 70 (1931) 204, doi
10.1007/bf01339530), extended from π electrons to all heavy atoms: an atom with a lone pair is a
centre with two electrons, and so is a saturated carbon, which takes part by hyperconjugation.

Each molecule is described by two such models. The integrals of the first model are fitted to the
xTB energies of the molecules in `data/embedded` (by the code in `data/embedded/build`). The second
model has textbook integrals, and the charge of each atom shifts the Coulomb integral of this atom
(the ω technique: Wheland and Mann, J. Chem. Phys. 17 (1949) 264, doi 10.1063/1.1747237). These
charges are not iterated: they are a share of those of the first model.

Energies are in units of the resonance integral β between two carbons, relative to the Coulomb
integral of a π carbon. An electron with a larger energy is more tightly bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from rdkit import Chem
from threadpoolctl import threadpool_limits

from organode.chem.graph import Graphs
from organode.chem.orbitals.centres import GROUPS, Batch, batches, skeletons
from organode.chem.orbitals.integrals import fitted, textbook

# Shift of an atom's Coulomb integral by a charge of +1, in β. A round number, not fitted; 1.4 is
# usual for the cations of hydrocarbons.
OMEGA = 1.0
# The charges by which the integrals are shifted, as a share of those of the first model, which are
# larger. For 1,500 molecules of the embedded set, descriptors are off by 0.12 of their standard
# deviation from those with iterated charges, as they are after one round of iteration from no
# charges (0.13), which costs a diagonalisation more. Without any charges they are off by 0.20.
SHARE = 0.5
TIE, APART = 1e-6, 1e-3  # β; levels closer than TIE share electrons equally, up to APART in part
EMPTY, FULL = -3.0, 4.0  # β; stand for empty and filled orbitals that a molecule lacks
GRID = 2.0**18  # steps in a unit, see `_on_grid`; a power of two, so that 1/2, 1/4, ... are exact
STEEP = 4.0  # 1/β; the weight of an orbital 1/STEEP from the frontier is 1/e


@dataclass(frozen=True)
class Orbitals:
    """The frontier orbitals of n molecules.

    Attributes
    ----------
    descriptors : numpy.ndarray
        Shape (n, d), float32, finite: d descriptors, whose names are in `NAMES` of this module;
        zeros for a molecule without a heavy atom.
    densities : list of numpy.ndarray
        For each molecule an array of shape (n_atoms, 2), float32: density, on each atom, of an
        electron in the highest occupied orbital (first column) and in the lowest empty orbital
        (second column). Each column adds up to 1, or to 0 if there is no such orbital.
    """

    descriptors: np.ndarray
    densities: list[np.ndarray]

    def select(self, places: Sequence[int]) -> Orbitals:
        """Return the orbitals of the molecules with indices `places`, in the order of `places`."""
        return Orbitals(
            self.descriptors[np.asarray(places, np.intp)], [self.densities[at] for at in places]
        )


def orbitals(molecules: Sequence[Chem.Mol]) -> Orbitals:
    """Compute the frontier orbitals of molecules, which must have no explicit hydrogens.

    The descriptors come from two Hückel models, one with fitted and one with textbook integrals;
    the densities come from the model with fitted integrals.
    """
    return orbitals_of_graphs(Graphs.of(molecules))


def orbitals_of_graphs(graphs: Graphs) -> Orbitals:
    """Return what `orbitals` does, for molecules whose atoms and bonds have been read already."""
    names, integrals = fitted()
    from_textbook = textbook(names)
    descriptors = np.zeros((graphs.n, len(NAMES)), np.float32)
    densities = np.zeros((len(graphs.kind), 2), np.float32)
    with threadpool_limits(1):  # for such small matrices, threads only wait for each other
        for batch in batches(skeletons(graphs), names):
            by_fit, density, charge = _describe(batch, batch.hamiltonians(integrals))
            shifted = _shifted(batch.hamiltonians(from_textbook), SHARE * charge)
            by_book, *_ = _describe(batch, shifted)
            size = np.full(len(by_book), np.log(batch.coulomb.shape[1]))
            whole = np.column_stack([size, batch.charge, batch.single])
            descriptors[batch.molecule] = _on_grid(np.hstack([whole, by_fit, by_book]))
            centres = graphs.first[batch.molecule, None] + np.arange(density.shape[1])
            densities[centres] = _on_grid(density)
    bounds = pairwise(graphs.first.tolist())
    return Orbitals(descriptors, [densities[start:end] for start, end in bounds])


def _on_grid(values: np.ndarray) -> np.ndarray:
    """Round values to multiples of 2⁻¹⁸, as float32, so that all machines give the same bytes.

    Energies computed on different processors differ in the last digit. Where two energy levels are
    1e-6 to 1e-3 β apart (`TIE` to `APART`), `_occupation` amplifies this error, to 4e-8 at most for
    the molecules in `data/embedded`: far less than 2⁻¹⁸. Negative zero becomes zero.
    """
    return (np.round(values * GRID) / GRID + 0.0).astype(np.float32)


# Descriptors of an orbital (HOMO or LUMO): energy; number of centres that the orbital extends over;
# mean Coulomb integral and mean charge of the centres, weighted by the orbital's density; sum of
# the squared densities ("self"); density on the elements of each of `GROUPS`.
OF_AN_ORBITAL = ("energy", "size", "coulomb", "charge", "self", *GROUPS)
# Descriptors of a molecule in one model: energies of further levels; 1 / (gap + 0.3 β);
# `OF_AN_ORBITAL` for HOMO and LUMO; log-sum-exp of the occupied and of the virtual levels, at low
# and high steepness; mean energy of the electrons; smallest charge, largest charge and mean
# absolute charge of the centres.
OF_A_MODEL = (
    "HOMO-1", "HOMO-2", "LUMO+1", "LUMO+2", "hardness",
    *(f"{orbital} {what}" for orbital in ("HOMO", "LUMO") for what in OF_AN_ORBITAL),
    "occupied, low", "occupied, high", "virtual, low", "virtual, high",
    "energy", "charge, least", "charge, most", "charge, mean",
)  # fmt: skip
OF_THE_WHOLE = ("centres", "net charge", "unpaired")  # log of their number; in e; 0 or 1
NAMES = (*OF_THE_WHOLE, *OF_A_MODEL, *(f"{name}, textbook" for name in OF_A_MODEL))


def _shifted(matrices: np.ndarray, charge: np.ndarray) -> np.ndarray:
    """Return Hückel matrices, shape (m, n, n), with Coulomb integrals shifted by charges, (m, n).

    The ω technique.
    """
    shifted = matrices.copy()
    centre = np.arange(charge.shape[1])
    shifted[:, centre, centre] += OMEGA * charge
    return shifted


def _occupation(energies: np.ndarray, occupied: np.ndarray, single: np.ndarray) -> np.ndarray:
    """Return the occupation of each level, shape (m, n): 0 empty, 1/2 one electron, 1 two.

    `energies`, shape (m, n), are sorted, most tightly bound first; `occupied` and `single`, shape
    (m,), are the numbers of doubly and singly occupied levels. Levels with the same energy as the
    highest occupied level share their electrons equally, since the order of equal levels depends on
    the order of the atoms. Levels that are nearly equal share electrons in part, so that the result
    does not depend on rounding.
    """
    level = np.arange(energies.shape[1])
    pairs = occupied + single / 2
    highest = np.take_along_axis(energies, (occupied + single)[:, None] - 1, axis=1)
    shares = np.clip((APART - np.abs(energies - highest)) / (APART - TIE), 0, 1)
    unshared = np.clip(pairs[:, None] - level, 0, 1) * (1 - shares)
    left = pairs - unshared.sum(axis=1)
    return np.asarray(unshared + shares * (left / shares.sum(axis=1))[:, None])


def _charge(batch: Batch, squared: np.ndarray, filled: np.ndarray) -> np.ndarray:
    return np.asarray(batch.electrons - 2 * np.einsum("mij,mj->mi", squared, filled))


def _describe(batch: Batch, matrices: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return descriptors, HOMO and LUMO densities, and charges of the m molecules of a batch.

    The descriptors, whose names are `OF_A_MODEL`, have the shape (m, d), the densities (m, n, 2),
    the charges (m, n). `matrices`, shape (m, n, n): Hückel matrices of the molecules, with n atoms
    each.
    """
    m, n = batch.coulomb.shape
    rows = np.arange(m)
    energies, vectors = np.linalg.eigh(matrices)
    energies, squared = energies[:, ::-1], np.square(vectors[:, :, ::-1])
    # The orbital of an unpaired electron is HOMO and LUMO: it can lose or take one electron.
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

    above = batch.occupied + 3  # position of the LUMO in `ladder`, the padded levels
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
        # Smooth measures of the HOMO's (LUMO's) energy: levels near the frontier contribute, too.
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
    return np.column_stack(columns), densities, charge


def _density(
    squared: np.ndarray, energies: np.ndarray, number: np.ndarray, part: np.ndarray, sign: int
) -> np.ndarray:
    """Return the mean density of a frontier orbital and orbitals near in energy, shape (m, n).

    The density is on the n atoms of each of m molecules. Any mixture of degenerate orbitals is a
    solution, so the density of a single degenerate orbital
    would depend on the order of the atoms. The mean density does not depend on this order; in this
    mean, the weight of an orbital decreases with its distance in energy from the frontier orbital.

    Parameters
    ----------
    squared : numpy.ndarray
        Shape (m, n, n): squared coefficients by molecule, atom and orbital.
    energies, part : numpy.ndarray
        Shape (m, n), for each orbital: energy, and share that is occupied (HOMO) or empty (LUMO).
    number : numpy.ndarray
        Shape (m,): index of the frontier orbital.
    sign : int
        −1 for the HOMO, 1 for the LUMO.
    """
    frontier = np.take_along_axis(energies, number[:, None], axis=1)
    weights = np.exp(np.minimum(sign * STEEP * (energies - frontier), 0)) * part
    total = np.maximum(weights.sum(axis=1, keepdims=True), 1e-9)
    return np.asarray(np.einsum("mij,mj->mi", squared, weights / total))
