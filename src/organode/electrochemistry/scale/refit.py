"""Refit a laboratory scale to the energies that a changed model predicts for measured molecules."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from threadpoolctl import threadpool_limits

from organode.chem.similarity import tanimoto
from organode.electrochemistry.scale.gaussian_process import GaussianProcess
from organode.electrochemistry.scale.laboratory import Scale


def refitted(scale: Scale, shift: np.ndarray) -> Scale:
    """Return the scale fitted to shifted energies of its measured molecules.

    The hyperparameters stay as they are, and so do second waves and cells.

    Parameters
    ----------
    scale : Scale
        A laboratory scale, fitted to m measured potentials.
    shift : numpy.ndarray
        Shape (m,), eV: what the changed model predicts for each molecule minus what the model
        predicted before. It is added to the energies that the scale was fitted to, which networks
        predicted that had not seen the molecules.
    """
    before = scale.process
    inputs = replace(before.training, energy=before.training.energy + shift)
    families = scale.rows["family"].to_numpy(str)
    by_line = np.empty(len(shift))
    with threadpool_limits(1):  # the same sums on every machine
        similarity = tanimoto(scale.bits, scale.bits).astype(float)
        process = GaussianProcess.fit(inputs, similarity, scale.measured, before.hyperparameters)
        left_out, spread = process.leave_families_out(families, similarity, scale.measured)
        for family in sorted(set(families)):
            out, rest = families == family, families != family
            line = np.polyfit(inputs.energy[rest], scale.measured[rest], 1)
            by_line[out] = np.polyval(line, inputs.energy[out])
    return replace(scale, process=process, left_out=left_out, spread=spread, by_line=by_line)
