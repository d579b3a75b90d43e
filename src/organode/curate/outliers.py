"""Flag rows whose labels disagree with a model of the table or with xTB, and unlikely radicals."""

from __future__ import annotations

import numpy as np
from rdkit import Chem

from organode.artifacts import OK_QUALITY, TARGETS
from organode.curate.robust import robust_sd

# A label is grossly off if it is far outside the bulk of the rows, and the error is larger than
# the differences between methods of computation.
GROSS = 6.0  # robust standard deviations
MIN_GROSS = 1.0  # eV
CERTAIN = 0.95  # confidence in a row's reference below which the row is flagged


# Radicals that can be kept in a bottle or form in a battery cell: nitroxides, verdazyls and
# hydrazyls, phenoxyls, triarylmethyls. Most other radicals are errors of bond perception.
PERSISTENT_RADICALS = tuple(
    Chem.MolFromSmarts(smarts)
    for smarts in ("[#7X3+0]-[OX1v1+0]", "[NX2v2+0]-[#7]", "c-[OX1v1+0]", "[CX3v3+0](a)(a)a")
)


def is_transient(radical: Chem.Mol) -> bool:
    """Return whether a radical is uncharged and has no group that makes radicals persistent.

    The groups are those of nitroxides, verdazyls, hydrazyls, phenoxyls and triarylmethyls. A
    neutral radical without such a group is short-lived, or its structure is wrong.
    """
    return not Chem.GetFormalCharge(radical) and not any(
        map(radical.HasSubstructMatch, PERSISTENT_RADICALS)
    )


def quality_flags(
    residuals: np.ndarray,
    against_xtb: np.ndarray,
    confidence: np.ndarray,
    *,
    closed_shell: np.ndarray,
    transient: np.ndarray,
) -> list[str]:
    """Return the reasons to doubt each row's labels, IE and EA, as quality flags.

    Parameters
    ----------
    residuals : numpy.ndarray
        Shape (n, 2): IE and EA minus their out-of-fold predictions, eV.
    against_xtb : numpy.ndarray
        Shape (n,): (IE + EA) / 2 minus its value by xTB, eV.
    confidence : numpy.ndarray
        Shape (n,): probability that the row's energy reference (vacuum or Li/Li⁺) is right; NaN
        where unknown.
    closed_shell : numpy.ndarray of bool
        Shape (n,): whether the molecule is neutral and closed-shell. Labels of other species are
        compared neither with the model nor with xTB, which do not cover such species.
    transient : numpy.ndarray of bool
        Shape (n,): whether the molecule is a radical for which `is_transient` holds.

    Returns
    -------
    list of str
        Length n: ``ok``, or flags separated by ``; ``, such as ``radical``, ``reference in doubt
        (confidence 0.71)`` and ``IE 2.31 eV above the cross-validated model``.
    """
    flags: list[list[str]] = [[] for _ in range(len(residuals))]
    for row in np.flatnonzero(transient):
        flags[row].append("radical")
    for row in np.flatnonzero(confidence < CERTAIN):
        flags[row].append(f"reference in doubt (confidence {confidence[row]:.2f})")
    checks = [
        (f"{t} {{}} the cross-validated model", residuals[:, i]) for i, t in enumerate(TARGETS)
    ]
    # The table's level of theory may differ from xTB by a constant, so rows are compared with the
    # median of all rows.
    checks.append(("(IE + EA) / 2 {} xTB", against_xtb - np.nanmedian(against_xtb)))
    for text, values in checks:
        for row in gross_outliers(np.where(closed_shell, values, np.nan)):
            side = "above" if values[row] > 0 else "below"
            flags[row].append(text.format(f"{abs(values[row]):.2f} eV {side}"))
    return ["; ".join(of_row) or OK_QUALITY for of_row in flags]


def gross_outliers(values: np.ndarray) -> np.ndarray:
    """Return the positions of values, in eV, that are far from the median of the finite values.

    A value is far if its distance exceeds both 6 (`GROSS`) robust standard deviations and 1 eV
    (`MIN_GROSS`).
    """
    known = values[np.isfinite(values)]
    if not len(known):
        return np.array([], int)
    limit = max(GROSS * robust_sd(known), MIN_GROSS)
    return np.flatnonzero(np.abs(values - np.median(known)) > limit)
