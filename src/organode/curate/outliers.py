"""Rows whose label disagrees with everything else that is known of the molecule."""

from __future__ import annotations

import numpy as np
from rdkit import Chem

from organode.artifacts import OK_QUALITY, TARGETS
from organode.curate.robust import spread

# Gross is what is both: far outside the bulk, and more than methods disagree about a molecule.
GROSS = 6.0  # robust standard deviations
SMALLEST_GROSS = 1.0  # eV
SURE = 0.95  # of a row's reference


# Radicals that are kept in a bottle, or are made to live in a cell: nitroxides, verdazyls and
# hydrazyls, phenoxyls, triarylmethyls. Others are mostly faults of whoever perceived the bonds.
LASTING = tuple(
    Chem.MolFromSmarts(smarts)
    for smarts in ("[#7X3+0]-[OX1v1+0]", "[NX2v2+0]-[#7]", "c-[OX1v1+0]", "[CX3v3+0](a)(a)a")
)


def is_fleeting(radical: Chem.Mol) -> bool:
    """Return whether a radical is neither an ion nor of a kind that lasts."""
    return not Chem.GetFormalCharge(radical) and not any(map(radical.HasSubstructMatch, LASTING))


def flags(
    residuals: np.ndarray,
    against_xtb: np.ndarray,
    confidence: np.ndarray,
    *,
    usual: np.ndarray,
    fleeting: np.ndarray,
) -> list[str]:
    """Return what speaks against each row, with the evidence.

    Parameters
    ----------
    residuals : numpy.ndarray
        Shape (n, 2): IE and EA less their out-of-fold predictions, eV.
    against_xtb : numpy.ndarray
        Shape (n,): (IE + EA) / 2 less the xTB reference, eV.
    confidence : numpy.ndarray
        Shape (n,): of the row's reference; NaN where nothing is known of it.
    usual : numpy.ndarray of bool
        Shape (n,): neutral closed-shell molecules. Of others neither the model nor the xTB
        reference knows.
    fleeting : numpy.ndarray of bool
        Shape (n,): radicals as of `is_fleeting`.

    Returns
    -------
    list of str
        Length n: ``ok``, or what was found, separated by ``; ``.
    """
    found: list[list[str]] = [[] for _ in range(len(residuals))]
    for row in np.flatnonzero(fleeting):
        found[row].append("radical")
    for row in np.flatnonzero(confidence < SURE):
        found[row].append(f"reference in doubt (confidence {confidence[row]:.2f})")
    checks = [
        (f"{t} {{}} the cross-validated model", residuals[:, i]) for i, t in enumerate(TARGETS)
    ]
    # The level of theory differs from xTB's: only what differs from the other rows counts.
    checks.append(("(IE + EA) / 2 {} xTB", against_xtb - np.nanmedian(against_xtb)))
    for text, values in checks:
        for row in gross(np.where(usual, values, np.nan)):
            side = "above" if values[row] > 0 else "below"
            found[row].append(text.format(f"{abs(values[row]):.2f} eV {side}"))
    return ["; ".join(one) or OK_QUALITY for one in found]


def gross(values: np.ndarray) -> np.ndarray:
    """Return where values lie grossly far from their median, by `GROSS` and `SMALLEST_GROSS`."""
    known = values[np.isfinite(values)]
    if not len(known):
        return np.array([], int)
    limit = max(GROSS * spread(known), SMALLEST_GROSS)
    return np.flatnonzero(np.abs(values - np.median(known)) > limit)
