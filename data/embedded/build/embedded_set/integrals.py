"""Fit the Hückel model's integrals to the energies of labelled molecules.

IE is fitted by a straight line in the HOMO's energy, EA by a line in the LUMO's energy. Cations and
radicals have separate, parallel lines, since a charge shifts all energies in the gas phase, and the
orbital of an unpaired electron is both HOMO and LUMO. The gradient of an orbital's energy is, by
the Hellmann-Feynman theorem, the orbital's density at the atom or bond whose integral changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from rdkit import Chem

from organode.chem.graph import Graphs
from organode.chem.orbitals.centres import Batch, HuckelSkeletons, batches, skeletons
from organode.chem.orbitals.huckel import EMPTY
from organode.chem.orbitals.integrals import COULOMB, INDUCTION, RESONANCE, textbook
from organode.errors import OrganodeError
from organode.utils.files import write_json
from organode.utils.progress import bar
from organode.utils.resources import explained
from organode.utils.tables import read_csv

MIN_MOLECULES = 20  # with an atom type or bond type, for it to have its own integral
RATE, LATE_RATE = 0.02, 0.006  # learning rate of Adam, in β; in the first and second half of steps
PENALTY = 1e-4  # eV²/β², for the distance from the start


def integral_names(molecules: HuckelSkeletons) -> list[str]:
    """Return the names of integrals: those of common types, and those for all other types."""
    counts: Counter[str] = Counter()
    starts = molecules.first
    bonds = np.searchsorted(molecules.begin, starts)
    for number in range(len(starts) - 1):
        of_atoms = {*molecules.centre[starts[number] : starts[number + 1]].tolist()}
        of_bonds = {*molecules.integral[bonds[number] : bonds[number + 1]].tolist()}
        kinds = {molecules.kinds[centre].kind for centre in of_atoms}
        types = {molecules.kinds[centre].type for centre in of_atoms}
        names = {molecules.integrals[integral] for integral in of_bonds}
        counts.update(types | kinds | {"~" + kind for kind in kinds} | names)
    common = sorted(name for name, count in counts.items() if count >= MIN_MOLECULES)
    return [*common, COULOMB, INDUCTION, RESONANCE]


def fit_embedded(molecules: Path, out: Path, steps: int = 300) -> np.ndarray:
    """Fit the integrals to the raw xTB energies of an embedded set, and write them.

    Parameters
    ----------
    molecules : Path
        CSV with `smiles`, `IE_ipea1` and `EA_ipea1` (eV, gas phase).
    out : Path
        The JSON file to write.
    steps : int
        Number of steps of the fit.

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
    read = Graphs.of([Chem.MolFromSmiles(smiles) for smiles in table["smiles"]])
    integrals, errors = fit(skeletons(read), table[["IE_ipea1", "EA_ipea1"]].to_numpy(), steps)
    deviations = dict(zip(("IE", "EA"), errors.round(4).tolist(), strict=True))
    content = {
        "unit": "β",
        "fitted_to": "IE_ipea1, EA_ipea1",
        "molecules": len(table),
        "mean_deviation_eV": deviations,
        "integrals": integrals,
    }
    write_json(out, content)
    return errors


def fit(
    molecules: HuckelSkeletons, energies: np.ndarray, steps: int = 300
) -> tuple[dict[str, float], np.ndarray]:
    """Fit the integrals.

    Parameters
    ----------
    molecules : HuckelSkeletons
        N molecules.
    energies : numpy.ndarray
        Shape (N, 2): IE and EA in eV.
    steps : int
        Number of steps of Adam, each on all molecules.

    Returns
    -------
    integrals : dict
        Value of each integral, in β.
    errors : numpy.ndarray
        Shape (2,): mean absolute deviations from the two lines, eV.
    """
    names = integral_names(molecules)
    index = {name: position for position, name in enumerate(names)}
    start = textbook(names)
    values = start.copy()
    members = _members(molecules, index)
    # Those for all other types are not fitted: they would be decided by a few unusual molecules.
    free = np.array([name not in {COULOMB, INDUCTION, RESONANCE, *members} for name in names])
    groups = batches(molecules, names)
    first, second = np.zeros_like(values), np.zeros_like(values)
    with bar("fit integrals", steps, "steps") as progress:
        for step in range(1, steps + 1):
            gradient, errors = _gradient(groups, values, energies)
            gradient += 2 * PENALTY * (values - start)
            first = 0.9 * first + 0.1 * gradient
            second = 0.99 * second + 0.01 * np.square(gradient)
            rate = RATE if 2 * step < steps else LATE_RATE
            scaled = np.sqrt(second / (1 - 0.99**step)) + 1e-9
            values -= free * rate * first / (1 - 0.9**step) / scaled
            progress.advance(note=f"IE {errors[0]:.3f}, EA {errors[1]:.3f} eV")
    for kind, types in members.items():
        if types:
            values[index[kind]] = np.average(
                [values[index[name]] for name in types], weights=list(types.values())
            )
    return dict(zip(names, np.round(values, 4).tolist(), strict=True)), errors


def _members(molecules: HuckelSkeletons, index: Mapping[str, int]) -> dict[str, Counter[str]]:
    """Return, for each kind of atom, its types that have their own integral, and their counts."""
    members: dict[str, Counter[str]] = {}
    for number, count in Counter(molecules.centre.tolist()).items():
        centre = molecules.kinds[number]
        if centre.kind in index:
            types = members.setdefault(centre.kind, Counter())
            types.update({centre.type: count} if centre.type in index else {})
    return members


def _gradient(
    groups: Sequence[Batch], values: np.ndarray, energies: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the gradient of the mean squared deviations from both lines, and their MAEs."""
    orbital_energies = np.full(energies.shape, EMPTY)
    frontier = []
    for group in groups:
        levels, vectors = np.linalg.eigh(group.hamiltonians(values))
        rows, n = np.arange(len(group.occupied)), levels.shape[1]
        # In units of β, which is negative, occupied orbitals have the largest values.
        lumo = np.maximum(n - group.occupied - 1, 0)
        homo = n - group.occupied - group.single
        empty = group.occupied < n
        orbital_energies[group.molecule, 0] = levels[rows, homo]
        orbital_energies[group.molecule, 1] = np.where(empty, levels[rows, lumo], EMPTY)
        frontier.append((vectors[rows, :, homo], vectors[rows, :, lumo] * empty[:, None]))
    gradient = np.zeros_like(values)
    errors = np.zeros(2)
    line = np.empty(len(energies), int)
    for group in groups:
        line[group.molecule] = 2 * group.charge + group.single
    for target in (0, 1):
        slope, residuals = _parallel_lines(orbital_energies[:, target], energies[:, target], line)
        errors[target] = np.abs(residuals).mean()
        weight = 2 * slope * residuals / len(residuals)
        for group, coefficients in zip(groups, frontier, strict=True):
            _add_gradient(gradient, group, coefficients[target], weight[group.molecule])
    return gradient, errors


def _parallel_lines(x: np.ndarray, y: np.ndarray, line: np.ndarray) -> tuple[float, np.ndarray]:
    """Fit parallel lines, one for each value of `line`; return their slope and the residuals."""
    _, number = np.unique(line, return_inverse=True)
    count = np.bincount(number)
    x, y = (values - (np.bincount(number, values) / count)[number] for values in (x, y))
    slope = float(x @ y / (x @ x))
    return slope, slope * x - y


def _add_gradient(
    gradient: np.ndarray, group: Batch, orbital: np.ndarray, weight: np.ndarray
) -> None:
    """Add the gradient of an orbital's energy in each molecule.

    Parameters
    ----------
    gradient : numpy.ndarray
        Shape (integrals,): changed in place.
    group : Batch
        m molecules of n centres.
    orbital : numpy.ndarray
        Shape (m, n): coefficients.
    weight : numpy.ndarray
        Shape (m,): derivative of the error with respect to the orbital's energy.
    """
    density = np.square(orbital) * weight[:, None]
    np.add.at(gradient, group.coulomb, density)
    np.add.at(gradient, group.from_left, density[group.at, group.right])
    np.add.at(gradient, group.from_right, density[group.at, group.left])
    bond = 2 * orbital[group.at, group.left] * orbital[group.at, group.right] * weight[group.at]
    np.add.at(gradient, group.resonance, bond)
