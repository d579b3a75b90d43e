"""Inputs of stability that a built library holds: verdicts of rules, place of hole and electron."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from organode.chem.features import NetworkFeatures
from organode.electrochemistry.stability import OXIDISED, REDUCED, Verdict
from organode.electrochemistry.stability.inputs import StabilityInputs
from organode.electrochemistry.stability.stored_verdicts import pack, unpack

SIDES = (OXIDISED, REDUCED)
OF_SIDE = 3  # arrays


class SelectableFeatures(NetworkFeatures, Protocol):
    """Protocol of features that can be narrowed to some of their molecules."""

    def select(self, places: Sequence[int]) -> NetworkFeatures:
        """Return the features of the molecules with the indices `places`, in this order."""


def to_arrays(inputs: StabilityInputs) -> list[np.ndarray]:
    """Return the arrays from which `StoredInputs.of` builds what is read of n molecules."""
    arrays: list[np.ndarray] = []
    for side in SIDES:
        arrays += [*pack(inputs.verdicts(side)), inputs.orbital(side)]
    return arrays


@dataclass(frozen=True)
class StoredInputs:
    """What is read of n molecules to judge the stability of their ions, as it was stored.

    Attributes
    ----------
    whole : SelectableFeatures
        Features of the m ≥ n molecules of the chunk.
    places : numpy.ndarray
        Shape (n,): indices of the molecules in the chunk.
    of_verdicts : mapping of str to list of Verdict
        For ``oxidised`` and ``reduced`` forms, the verdicts of the rules on the chunk's molecules.
    of_orbital : mapping of str to numpy.ndarray
        For both forms, where the hole or the electron is, shape (m, 4).
    key : numpy.ndarray
        Shape (m,), uint64: the `structure_key` of the chunk's molecules.
    """

    whole: SelectableFeatures
    places: np.ndarray
    of_verdicts: Mapping[str, list[Verdict]]
    of_orbital: Mapping[str, np.ndarray]
    key: np.ndarray

    @classmethod
    def of(
        cls, arrays: Sequence[np.ndarray], features: SelectableFeatures, key: np.ndarray
    ) -> StoredInputs:
        """Build what is read of a chunk's molecules from the arrays that `to_arrays` returned."""
        verdicts, orbital = {}, {}
        for number, side in enumerate(SIDES):
            texts, which, orbital[side] = arrays[number * OF_SIDE : (number + 1) * OF_SIDE]
            verdicts[side] = unpack(texts, which, side)
        return cls(features, np.arange(len(key)), verdicts, orbital, key)

    @property
    def n(self) -> int:
        """Number of molecules."""
        return len(self.places)

    @property
    def features(self) -> NetworkFeatures:
        """Morgan environments and orbital descriptors of the molecules."""
        return self.whole.select(self.places.tolist())

    def select(self, places: Sequence[int]) -> StoredInputs:
        """Return what is read of the molecules with the indices `places`, in this order."""
        chosen = self.places[np.asarray(places, np.intp)]
        return StoredInputs(self.whole, chosen, self.of_verdicts, self.of_orbital, self.key)

    def verdicts(self, side: str) -> list[Verdict]:
        """Return the verdicts of the rules on the forms `side`, `OXIDISED` or `REDUCED`."""
        return [self.of_verdicts[side][place] for place in self.places.tolist()]

    def orbital(self, side: str) -> np.ndarray:
        """Return where the hole or the electron is, shape (n, 4)."""
        return np.asarray(self.of_orbital[side][self.places])

    def keys(self, formulas: Collection[str]) -> list[int]:  # noqa: ARG002
        """Return the `structure_key` of each molecule."""
        keys: list[int] = self.key[self.places].tolist()
        return keys
