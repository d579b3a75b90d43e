"""Fine-tune a model with labels of further molecules, without forgetting what it knew.

Each network goes on from one of the earlier model, on the labels of the molecules outside its
validation fold, and on the earlier model's own predictions for other molecules (replay). Replay
keeps what the networks knew: learning without forgetting (Li and Hoiem, IEEE Trans. Pattern Anal.
Mach. Intell. 40 (2018) 2935, doi 10.1109/TPAMI.2017.2773081).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from rdkit import Chem
from scipy.sparse import vstack

from organode.chem import MoleculeError, structure
from organode.chem.composition import Composition
from organode.chem.features import Molecules
from organode.chem.similarity import nearest, packed_bits
from organode.electrochemistry.scale.refit import refitted
from organode.models.ensemble import Ensemble, Member
from organode.models.network.network import Part
from organode.models.predictor import TargetModel
from organode.models.uncertainty.difficulty import NEIGHBOURS, Neighbours
from organode.models.uncertainty.error_bars import Uncertainty
from organode.models.warm_start import WarmStart
from organode.utils.predictive import Predictive

FOLDS = 4  # networks; fewer if the earlier model has fewer
FEWEST = 20  # labels; with fewer the model stays as it is
EPOCHS = 4  # at least; more if there are few molecules (`WarmStart.epochs`)
SHARE = 0.5  # of the training rows that are labels: they are repeated until they are so many
MOST_REPEATS = 10  # of a label
# With 100 labels of one family this learned more, and forgot less, than the 5e-4 of a warm start.
LEARNING_RATE = 2e-4


@dataclass(frozen=True)
class FineTuned:
    """A fine-tuned model of one target, and its out-of-fold predictions for the labels.

    Attributes
    ----------
    model : TargetModel
        The model.
    out_of_fold : numpy.ndarray
        Shape (n,), eV: for each molecule with a label, the prediction of the network that was not
        trained on the molecule.
    """

    model: TargetModel
    out_of_fold: np.ndarray


def fine_tune(
    model: TargetModel,
    labelled: Sequence[str],
    label: np.ndarray,
    replay: Sequence[str],
    *,
    seed: int,
    on_epoch: Callable[[int, float], None] = lambda _fold, _mae: None,
) -> FineTuned:
    """Fine-tune the model of one target, its error bars and its laboratory scale.

    Parameters
    ----------
    model : TargetModel
        The earlier model.
    labelled : sequence of str
        SMILES of n different molecules, canonical and without stereo.
    label : numpy.ndarray
        Shape (n,), eV: their labels of the target. At least `FEWEST`.
    replay : sequence of str
        SMILES of molecules whose predictions by the earlier model are to stay.
    seed : int
        Seeds the folds and the training.
    on_epoch : callable
        Called after each epoch with the fold and its validation MAE in eV, from any thread.
    """
    from organode.models.network.folds import fit_folds  # imports TensorFlow

    n, k = len(labelled), min(FOLDS, len(model.networks.folds))
    molecules = Molecules([Chem.MolFromSmiles(smiles) for smiles in (*labelled, *replay)])
    fold = np.random.default_rng(seed).permutation(n) % k
    start = WarmStart.of("", model.networks, model.uncertainty.bits)
    earlier = start.earlier.predict(start.columns.matrix(molecules))
    inputs = start.inputs(molecules, np.arange(molecules.n))
    matrix = inputs.matrix(molecules)
    known = [earlier[place] for place in range(k)]

    def parts(of: int) -> tuple[Part, Part]:
        train, valid = np.flatnonzero(fold != of), np.flatnonzero(fold == of)
        wanted = SHARE / (1 - SHARE) * len(replay) / max(len(train), 1)
        repeats = int(np.clip(round(wanted), 1, MOST_REPEATS))
        rows = [matrix[train]] * repeats + [matrix[n:]]
        labels = np.concatenate([np.tile(label[train], repeats), known[of][n:]])
        return (vstack(rows, "csr"), labels[:, None]), (matrix[valid], label[valid][:, None])

    rows = parts(0)[0][0].shape[0]
    settings = replace(start.settings, learning_rate=LEARNING_RATE)
    fitted = dict(
        fit_folds(
            settings, parts, range(k), epochs=start.epochs(rows, EPOCHS), seed=seed,
            start=lambda of, train: start.weights(of, inputs, train), on_epoch=on_epoch,
        )
    )  # fmt: skip
    members = [
        Member(of, each.mean, each.scale, each.weights) for of, each in sorted(fitted.items())
    ]
    ensemble = Ensemble(model.target, inputs, members).rounded(matrix)
    out_of_fold = ensemble.out_of_fold(ensemble.predict(matrix[:n]), fold)
    uncertainty = extended(
        model.uncertainty, molecules.select(range(n)).molecules, fold, out_of_fold, label, k
    )
    scale = refitted(model.scale, shift_of(model, ensemble, dict(zip(labelled, fold, strict=True))))
    return FineTuned(TargetModel(ensemble, uncertainty, scale), out_of_fold)


def extended(
    uncertainty: Uncertainty,
    molecules: Sequence[Chem.Mol],
    fold: np.ndarray,
    prediction: np.ndarray,
    label: np.ndarray,
    k: int,
) -> Uncertainty:
    """Return error bars that also know the out-of-fold errors of n further molecules.

    Parameters
    ----------
    uncertainty : Uncertainty
        The error bars of the earlier model.
    molecules : sequence of Chem.Mol
        The n molecules.
    fold, prediction, label : numpy.ndarray
        Shape (n,): fold of each molecule, 0 to k − 1; its prediction by the network that was not
        trained on it, and its label, eV.
    k : int
        Number of networks.
    """
    bits = packed_bits(molecules)
    error = np.abs(label - prediction)
    known = np.vstack([uncertainty.bits, bits])
    errors = np.concatenate([uncertainty.error, error.astype(np.float32)])
    labels = np.concatenate([uncertainty.label, label.astype(np.float32)])
    # No network is asked about an earlier molecule: each has a fold of its own.
    folds = np.concatenate([k + np.arange(len(uncertainty.label)), fold])
    near = nearest(bits, known, NEIGHBOURS, query_fold=fold, known_fold=folds)
    neighbours = Neighbours(near.similarity, errors[near.position], labels[near.position])
    composition = Composition.of(molecules)
    size = composition.heavy_atoms
    expected = uncertainty.difficulty.expected(neighbours, size, prediction)
    scores = (label - prediction) / expected
    earlier = uncertainty.predictive.scores
    joined = [np.sort(np.concatenate([*earlier[of::k], scores[fold == of]])) for of in range(k)]
    return Uncertainty(
        known,
        errors,
        labels,
        uncertainty.difficulty,
        Predictive(joined),
        uncertainty.domain.widened(composition),
    )


def shift_of(earlier: TargetModel, ensemble: Ensemble, fold_of: dict[str, int]) -> np.ndarray:
    """Return by how much the predictions for the measured molecules of the scale have changed, eV.

    A measured molecule that was labelled is predicted by the network that was not trained on it. A
    molecule whose structure cannot be read from its row in the scale has not changed.
    """
    molecules, places = [], []
    for place, smiles in enumerate(earlier.scale.rows["smiles"]):
        try:
            molecules.append(structure(smiles)[0])
            places.append(place)
        except MoleculeError:
            continue
    features = Molecules(molecules)
    # A row may name another species than that whose potential it is, and whose bits are kept.
    same = (features.bits == earlier.scale.bits[places]).all(axis=1)
    old, new = (
        networks.predict(networks.inputs.matrix(features))
        for networks in (earlier.networks, ensemble)
    )
    fold = np.array([fold_of.get(Chem.MolToSmiles(molecule), -1) for molecule in molecules])
    out_of_fold = ensemble.out_of_fold(new, fold)
    energy = np.where(np.isnan(out_of_fold), new.mean(axis=0), out_of_fold)
    shift = np.zeros(len(earlier.scale.rows))
    shift[places] = np.where(same, energy - old.mean(axis=0), 0.0)
    return shift
