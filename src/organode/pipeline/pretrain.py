"""The stage `pretrain`: a network learns labels by other protocols, from which `train` goes on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

import numpy as np

from organode.artifacts import CURATED, best_path, pretrained_folder
from organode.electrochemistry.measured import first_waves, in_cells, read_measured
from organode.errors import UsageError
from organode.models.input_columns import SITE, InputColumns
from organode.models.network.network import outputs
from organode.models.pretrained import FILES, Pretrained, write_none
from organode.models.splits import group, held_out, scaffold
from organode.models.stored_features import StoredFeatures
from organode.models.training_data import Labelled
from organode.pipeline.best import read_best
from organode.pipeline.other_labels import read_other_labels
from organode.settings import LabelTable, Settings
from organode.utils.files import replacing_folder
from organode.utils.progress import bar, say
from organode.utils.tables import read_table

SHOWN = 50  # every so many-th molecule is for the error of each protocol, not for training


def pretrain(target: str, settings: Settings) -> Pretrained | None:
    """Train a network on the labels of `pretrain.tables`, and write it for the stage `train`.

    The network has the settings that the stage `search` found, and an output for each protocol, a
    column of labels. Columns of the same name in several tables are one protocol. Molecules of the
    curated table and those with measured potentials are left out, since the networks of `train` are
    tested on them; with scaffold splits also all molecules with a scaffold of the test set. Those
    of a tenth of the scaffolds are left for the error bars.

    Parameters
    ----------
    target : str
        ``IE`` or ``EA``.
    settings : Settings
        All of `params.yaml`.

    Returns
    -------
    Pretrained or None
        None if the setting `pretrain.epochs` is 0, or no table has a column for the target.

    Raises
    ------
    UsageError
        If a table cannot be read, or all its molecules are left out.
    OrganodeError
        If the results of an earlier stage are missing or damaged.
    """
    from organode.models.network.backend import device  # imports TensorFlow
    from organode.models.network.protocol import scaling
    from organode.models.network.training import fit

    out = pretrained_folder(target)
    chosen = replace(read_best(best_path(target)), joint=False)
    tables = [table for table in settings.pretrain.tables if getattr(table.columns, target)]
    if not settings.pretrain.epochs or not tables:
        say(f"pretrain {target}: switched off in params.yaml")
        with replacing_folder(out, FILES) as folder:
            write_none(folder, target)
        return None
    data = Labelled.read(target)
    protocols, smiles, labels = _labels(target, tables, data, settings)
    with bar(f"describe for {target}", len(smiles), "molecules") as progress:
        features = StoredFeatures.computed(smiles, max(chosen.radius, SITE), progress.advance)
    learned = data.positions[data.fold >= 0]
    both = StoredFeatures.joined([data.features, features])
    rows = np.concatenate([learned, data.features.n + np.arange(features.n)])
    layout = InputColumns.choose(chosen, both, rows)
    matrix = layout.matrix(features)
    apart = np.arange(len(labels)) % SHOWN == 0
    shown = apart & np.isfinite(labels[:, 0])
    say(f"pretrain {target} {device()}")
    epochs = settings.pretrain.epochs
    with bar(f"pretrain {target}", epochs, "epochs") as progress:
        fitted = fit(
            chosen,
            (matrix[~apart], labels[~apart]),
            (matrix[shown], labels[shown]),
            epochs=epochs,
            seed=settings.seed,
            outputs=len(protocols),
            on_epoch=lambda _epoch, mae: progress.advance(note=f"{protocols[0]}: {mae:.3f} eV"),
        )
    *below, kernel, shift = fitted.weights
    mean, scale = scaling(chosen, labels[~apart])
    layers = [*below, kernel * scale, shift * scale + mean]
    errors = np.abs(outputs(layers, matrix[apart]) - labels[apart])
    known = np.isfinite(errors)
    network = Pretrained(
        target,
        layout,
        dict(zip(protocols, np.isfinite(labels).sum(axis=0).tolist(), strict=True)),
        {
            name: round(float(errors[known[:, place], place].mean()), 4)
            for place, name in enumerate(protocols)
            if known[:, place].any()
        },
        layers,
    )
    with replacing_folder(out, FILES) as folder:
        network.save(folder)
    return network


def _labels(
    target: str, tables: Sequence[LabelTable], data: Labelled, settings: Settings
) -> tuple[list[str], list[str], np.ndarray]:
    """Read the labels of all tables that a network may learn before it is tested on `data`.

    Parameters
    ----------
    target : str
        ``IE`` or ``EA``.
    tables : sequence of LabelTable
        The tables, and their columns for each protocol.
    data : Labelled
        The training data of the target, with the test set.
    settings : Settings
        All of `params.yaml`.

    Returns
    -------
    protocols : list of str
        Names of the t protocols with at least `SHOWN` labels.
    smiles : list of str
        n canonical SMILES without stereo.
    labels : numpy.ndarray
        Shape (n, t), eV; NaN where a molecule has no label by a protocol.
    """
    columns = [getattr(table.columns, target) for table in tables]
    protocols = [*dict.fromkeys(name for names in columns for name in names)]
    curated = set(read_table(CURATED, ["smiles"], "curate")["smiles"])
    smiles: list[str] = []
    parts = []
    for table, names in zip(tables, columns, strict=True):
        of_table, labels = read_other_labels(table.path, names, "pretrain.tables", curated)
        part = np.full((len(of_table), len(protocols)), np.nan)
        part[:, [protocols.index(name) for name in names]] = labels
        smiles += of_table
        parts.append(part)
    labels = _clipped(np.concatenate(parts))
    waves = read_measured(settings.calibrate.measured)
    measured = [*first_waves(waves, target)["flat"], *in_cells(waves, target)["flat"]]
    new = _new(smiles, curated, data, settings.split.method, measured)
    kept = np.flatnonzero(new & np.isfinite(labels).any(axis=1))
    say(f"pretrain {target}: {len(kept):,} molecules are not in the curated table")
    labels = labels[kept]
    used = np.isfinite(labels).sum(axis=0) >= SHOWN
    if not used.any():
        raise UsageError(
            f"pretrain.tables have too few further molecules with labels for {target}: name other "
            "tables in params.yaml, or set pretrain.epochs to 0"
        )
    named = [name for name, is_used in zip(protocols, used, strict=True) if is_used]
    return named, [smiles[row] for row in kept], labels[:, used]


def _clipped(labels: np.ndarray) -> np.ndarray:
    """Clip each protocol's labels to their 1st and 99th percentile.

    The furthest labels are often artefacts, such as affinities of anions that are not bound.
    """
    return np.asarray(np.clip(labels, *np.nanpercentile(labels, [1, 99], axis=0)))


def _new(
    smiles: Sequence[str],
    curated: Collection[str],
    data: Labelled,
    method: str,
    measured: Iterable[str],
) -> np.ndarray:
    """Return which molecules a network may learn before it is tested on `data`; (n,), bool.

    Molecules are left out that it could not tell from one of `curated` or `measured`, or held out
    for error bars; with the method ``scaffold`` also those with a scaffold of the test set.
    """
    new = np.array([text not in curated for text in smiles], bool)
    further = [text for text, is_new in zip(smiles, new, strict=True) if is_new]
    known = set(group([*curated, *measured], "random"))
    groups, left = group(further, "random"), held_out(further)
    known.update(name for name, is_left in zip(groups, left, strict=True) if is_left)
    new[new] = [name not in known for name in groups]
    if method == "scaffold":
        tested = [text for text, fold in zip(data.smiles, data.fold, strict=True) if fold < 0]
        scaffolds = {scaffold(text) for text in tested}
        new &= np.array([scaffold(text) not in scaffolds for text in smiles])
    return new
