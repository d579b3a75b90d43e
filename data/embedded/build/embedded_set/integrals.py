"""Fit of the Hückel model's integrals to the energies of labelled molecules.

The highest occupied orbital's energy is to give IE along a straight line, the lowest empty one's
EA; cations and radicals have parallel lines of their own, since a charge shifts all energies in the
gas phase and an unpaired electron's orbital is both. The gradient of an orbital's energy is that of
Hellmann and Feynman: its own density on the atom, or bond, whose integral changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from rdkit import Chem

from organode.chem.orbitals.centres import Batch, HuckelSkeleton, batches, skeleton
from organode.chem.orbitals.huckel import EMPTY
from organode.chem.orbitals.integrals import COULOMB, INDUCTION, RESONANCE, textbook
from organode.errors import OrganodeError
from organode.utils.files import write_json
from organode.utils.progress import bar
from organode.utils.resources import explained
from organode.utils.tables import read_csv

SEEN = 20  # molecules that an integral of its own takes
RATE, LATE = 0.02, 0.006  # of Adam, in β; before and after half of the steps
PULL = 1e-4  # eV² a β² towards the start


def names(skeletons: Iterable[HuckelSkeleton]) -> list[str]:
    """Return the integrals that enough molecules have, and those for all the rest."""
    seen: Counter[str] = Counter()
    for one in skeletons:
        kinds = {centre.kind for centre in one.centres}
        types = {centre.type for centre in one.centres}
        seen.update(types | kinds | {"~" + kind for kind in kinds} | {b[2] for b in one.bonds})
    common = sorted(name for name, count in seen.items() if count >= SEEN)
    return [*common, COULOMB, INDUCTION, RESONANCE]


def fit_embedded(molecules: Path, out: Path, steps: int = 300) -> np.ndarray:
    """Fit the integrals to the raw xTB energies of an embedded set, and write them.

    Parameters
    ----------
    molecules : Path
        A table with `smiles`, `IE_ipea1` and `EA_ipea1` (eV, gas phase).
    out : Path
        A JSON file.
    steps : int
        Of the fit.

    Returns
    -------
    numpy.ndarray
        Shape (2,): mean absolute deviation of IE and EA from their lines, eV.

    Raises
    ------
    OrganodeError
        If the table cannot be read.
    """
    try:
        table = read_csv(molecules, usecols=["smiles", "IE_ipea1", "EA_ipea1"])
    except (OSError, ValueError) as error:
        raise explained(error, molecules) or OrganodeError(
            f"cannot read xTB labels from {molecules}: {error}"
        ) from error
    skeletons = [skeleton(Chem.MolFromSmiles(smiles)) for smiles in table["smiles"]]
    integrals, errors = fit(skeletons, table[["IE_ipea1", "EA_ipea1"]].to_numpy(), steps)
    deviations = dict(zip(("IE", "EA"), errors.round(4).tolist(), strict=True))
    write_json(out, {
        "unit": "β", "fitted_to": "IE_ipea1, EA_ipea1", "molecules": len(table),
        "mean_deviation_eV": deviations, "integrals": integrals,
    })  # fmt: skip
    return errors


def fit(
    skeletons: Sequence[HuckelSkeleton], energies: np.ndarray, steps: int = 300
) -> tuple[dict[str, float], np.ndarray]:
    """Fit the integrals.

    Parameters
    ----------
    skeletons : sequence of HuckelSkeleton
        Length N.
    energies : numpy.ndarray
        Shape (N, 2): IE and EA in eV.
    steps : int
        Of Adam, on all molecules.

    Returns
    -------
    integrals : dict
        In β.
    errors : numpy.ndarray
        Shape (2,): mean absolute deviations from the two lines, eV.
    """
    listed = names(skeletons)
    place = {name: position for position, name in enumerate(listed)}
    begin = textbook(listed)
    values = begin.copy()
    members = _members(skeletons, place)
    # Those for all the rest stay where they are: a few odd molecules must not pull at them.
    free = np.array([name not in {COULOMB, INDUCTION, RESONANCE, *members} for name in listed])
    groups = batches(skeletons, listed)
    first, second = np.zeros_like(values), np.zeros_like(values)
    with bar("fit integrals", steps, "steps") as progress:
        for step in range(1, steps + 1):
            gradient, errors = _gradient(groups, values, energies)
            gradient += 2 * PULL * (values - begin)
            first = 0.9 * first + 0.1 * gradient
            second = 0.99 * second + 0.01 * np.square(gradient)
            rate = RATE if 2 * step < steps else LATE
            scaled = np.sqrt(second / (1 - 0.99**step)) + 1e-9
            values -= free * rate * first / (1 - 0.9**step) / scaled
            progress.advance(note=f"IE {errors[0]:.3f}, EA {errors[1]:.3f} eV")
    for kind, types in members.items():
        if types:
            values[place[kind]] = np.average(
                [values[place[name]] for name in types], weights=list(types.values())
            )
    return dict(zip(listed, np.round(values, 4).tolist(), strict=True)), errors


def _members(
    skeletons: Iterable[HuckelSkeleton], place: Mapping[str, int]
) -> dict[str, Counter[str]]:
    """Return each kind's atom types that have an integral of their own, and their counts."""
    found: dict[str, Counter[str]] = {}
    for one in skeletons:
        for centre in one.centres:
            if centre.kind in place:
                types = found.setdefault(centre.kind, Counter())
                types.update([centre.type] if centre.type in place else [])
    return found


def _gradient(
    groups: Sequence[Batch], values: np.ndarray, energies: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the gradient of the mean squared deviations from both lines, and their MAEs."""
    found = np.full(energies.shape, EMPTY)
    frontier = []
    for group in groups:
        levels, vectors = np.linalg.eigh(group.hamiltonians(values))
        rows, n = np.arange(len(group.occupied)), levels.shape[1]
        lumo = np.maximum(n - group.occupied - 1, 0)  # energies rise
        homo = n - group.occupied - group.single
        empty = group.occupied < n
        found[group.molecule, 0] = levels[rows, homo]
        found[group.molecule, 1] = np.where(empty, levels[rows, lumo], EMPTY)
        frontier.append((vectors[rows, :, homo], vectors[rows, :, lumo] * empty[:, None]))
    gradient = np.zeros_like(values)
    errors = np.zeros(2)
    line = np.empty(len(energies), int)
    for group in groups:
        line[group.molecule] = 2 * group.charge + group.single
    for target in (0, 1):
        slope, off = _parallel(found[:, target], energies[:, target], line)
        errors[target] = np.abs(off).mean()
        pull = 2 * slope * off / len(off)
        for group, coefficients in zip(groups, frontier, strict=True):
            _add(gradient, group, coefficients[target], pull[group.molecule])
    return gradient, errors


def _parallel(x: np.ndarray, y: np.ndarray, line: np.ndarray) -> tuple[float, np.ndarray]:
    """Fit parallel lines, one for each value of `line`; return their slope and what each is off."""
    _, number = np.unique(line, return_inverse=True)
    count = np.bincount(number)
    x, y = (values - (np.bincount(number, values) / count)[number] for values in (x, y))
    slope = float(x @ y / (x @ x))
    return slope, slope * x - y


def _add(gradient: np.ndarray, group: Batch, orbital: np.ndarray, pull: np.ndarray) -> None:
    """Add what the orbital of each molecule, coefficients (m, n), says."""
    density = np.square(orbital) * pull[:, None]
    np.add.at(gradient, group.coulomb, density)
    np.add.at(gradient, group.from_left, density[group.at, group.right])
    np.add.at(gradient, group.from_right, density[group.at, group.left])
    bond = 2 * orbital[group.at, group.left] * orbital[group.at, group.right] * pull[group.at]
    np.add.at(gradient, group.resonance, bond)
