"""Find stable cores in many molecules, faster than by a verdict on each.

Most molecules of a long library have no core, a group whose radical ion is known to be stable, and
only molecules with a core can be in the best stability tier.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from threading import Lock

import numpy as np
from rdkit import Chem
from scipy.sparse import csr_matrix

from organode.chem.count_fingerprint import environment_atoms
from organode.chem.graph import Graphs
from organode.electrochemistry.stability.rules import OXIDISED, REDUCED, cores
from organode.electrochemistry.stability.sieve import EnvironmentSieve
from organode.electrochemistry.stability.verdict import Examined

SIDES = (OXIDISED, REDUCED)
BITS = (1, 2)  # of these forms
CENTRED = 1  # radius of the environments that tell an atom's bonds
HYDROGEN = 1


class CoreFinder:
    """Finds out which molecules have a stable core, for each form of the molecules.

    A molecule's Morgan environments of radius 1 tell what `EnvironmentSieve` has to know.
    What an environment tells is found once and kept. Two environments may have the same 32-bit
    hash; among 10,000 environments, the probability of such a pair is 1 in 100, and then a core may
    be missed.
    """

    def __init__(self) -> None:
        patterns = {core.pattern.place: core.pattern for side in SIDES for core in cores(side)}
        self._patterns = list(patterns.values())
        # For each pattern, the bits of the forms in which it is stable.
        self._sides = [
            sum(
                bit * any(core.pattern is each for core in cores(side))
                for side, bit in zip(SIDES, BITS, strict=True)
            )
            for each in self._patterns
        ]
        self._sieve = EnvironmentSieve([pattern.query for pattern in self._patterns])
        # Rows of `_kinds`: for an environment, the kinds of its central atom and of that atom's
        # bonds; whether its radius is 1; whether the atom is hydrogen.
        self._row: dict[int, int] = {}
        self._kinds = np.empty((0, self._sieve.n_kinds + 2), np.uint8)
        self._lock = Lock()

    def have_core(self, molecules: Sequence[Chem.Mol], environments: csr_matrix) -> np.ndarray:
        """Return whether n molecules have a core that is stable when oxidised, and when reduced.

        Parameters
        ----------
        molecules : sequence of Chem.Mol
            The molecules, sanitised.
        environments : scipy.sparse.csr_matrix
            Their environments, from `organode.chem.count_fingerprint.count_environments`.

        Returns
        -------
        numpy.ndarray
            Shape (n, 2), bool: oxidised, reduced.
        """
        identifiers, column = np.unique(environments.indices, return_inverse=True)
        self._learn(molecules, environments, identifiers)
        row = self._row
        kinds = self._kinds[[row[each] for each in identifiers.tolist()]].astype(np.uint16)
        shape = len(molecules), len(identifiers)
        counts = csr_matrix((environments.data, column, environments.indptr), shape) @ kinds
        n_atoms = np.array([molecule.GetNumAtoms() for molecule in molecules])
        # Atoms without neighbours, or in molecules of two atoms, may lack an environment. Patterns
        # are made for molecules without explicit hydrogens.
        unusual = (counts[:, -2] != n_atoms) | (counts[:, -1] > 0)
        may_have = self._sieve.may_have(counts[:, :-2])
        may_have[unusual] = False
        found = [0] * len(molecules)
        for place in np.flatnonzero(unusual).tolist():
            found[place] = self._examined(molecules[place])
        for place, pattern in np.argwhere(may_have).tolist():
            sides = self._sides[pattern]
            if found[place] & sides != sides:
                found[place] |= sides * self._patterns[pattern].is_in(molecules[place])
        return np.bitwise_and(np.array(found, np.uint8)[:, None], BITS) > 0

    def _examined(self, molecule: Chem.Mol) -> int:
        """Return the bits of the forms in which one molecule has a core, by the way of verdicts."""
        examined = Examined.of(molecule)
        found = 0
        for pattern, sides in zip(self._patterns, self._sides, strict=True):
            found |= sides * examined.has(pattern)
        return found

    def _learn(
        self, molecules: Sequence[Chem.Mol], environments: csr_matrix, identifiers: np.ndarray
    ) -> None:
        """Find out what environments tell that have not been met before."""
        known = self._row
        new = [each for each in identifiers.tolist() if each not in known]
        if not new:
            return
        entries = np.flatnonzero(np.isin(environments.indices, new))
        places = np.searchsorted(environments.indptr, entries, side="right") - 1
        found: dict[int, np.ndarray] = {}
        for place in np.unique(places).tolist():
            graph = Graphs.of([molecules[place]])
            for identifier, (atom, radius) in environment_atoms(molecules[place]).items():
                if identifier not in known and identifier not in found:
                    row = np.zeros(self._sieve.n_kinds + 2, np.uint8)
                    if radius == CENTRED:
                        row[:-2] = self._sieve.kinds_of(graph, atom)
                        row[-2] = 1
                    row[-1] = graph.kinds[graph.kind[atom]].number == HYDROGEN
                    found[identifier] = row
        with self._lock:  # other threads may have learned in the meantime
            rows = [row for identifier, row in found.items() if identifier not in self._row]
            names = [identifier for identifier in found if identifier not in self._row]
            first = len(self._row)
            if first + len(rows) > len(self._kinds):
                more = np.zeros((len(self._kinds) + 2 * len(rows), self._kinds.shape[1]), np.uint8)
                self._kinds = np.concatenate([self._kinds, more])
            self._kinds[first : first + len(rows)] = rows
            # Only now can a row be found, so that an interruption leaves nothing half done.
            self._row = self._row | dict(zip(names, range(first, first + len(rows)), strict=True))


@cache
def core_finder() -> CoreFinder:
    """Return the `CoreFinder` of this process."""
    return CoreFinder()
