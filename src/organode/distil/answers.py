"""Predictions of ensembles (answers) for many molecules, on which students are trained."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, vstack

from organode.errors import OrganodeError
from organode.library.chunk import Chunk
from organode.library.engine import Workers, run_chunks
from organode.models.ensemble import Ensemble
from organode.utils.arrays import load_arrays, mapped, save_arrays
from organode.utils.checksums import read_sealed, write_sealed
from organode.utils.outputs import private_folder
from organode.utils.progress import bar, say

CHUNK = 2_000  # molecules
PARTS = 4  # arrays of a target in a chunk's file: three of the input matrix, and the answers
SHARED = "ensembles.arrays"


@dataclass(frozen=True)
class Answers:
    """The predictions of one ensemble of k members for n molecules.

    Attributes
    ----------
    inputs : scipy.sparse.csr_matrix
        Shape (n, n_columns), float32: the ensemble's input matrix for the molecules.
    predictions : numpy.ndarray
        Shape (n, k), float32: energy that each member predicts, eV.
    """

    inputs: csr_matrix
    predictions: np.ndarray


def collect_answers(
    smiles: Sequence[str], ensembles: Sequence[Ensemble], folder: Path, workers: Workers
) -> None:
    """Predict all molecules by several ensembles, and write the predictions into a folder.

    The folder gets one file for each chunk of `CHUNK` molecules. A chunk whose file is in the
    folder already is not computed again. Molecules that cannot be read are left out.

    Parameters
    ----------
    smiles : sequence of str
        SMILES of the molecules.
    ensembles : sequence of Ensemble
        The ensembles that predict.
    folder : Path
        Folder for the files; it must not hold files of other molecules or ensembles.
    workers : Workers
        The processes that compute the chunks.
    """
    done = [number for number in range(_chunks(smiles)) if _path(folder, number).exists()]
    if done:
        say(f"answers for {len(done)} of {_chunks(smiles)} chunks were computed before")
    private_folder(folder)
    shared = mapped(list(ensembles), folder / SHARED)
    with bar("answers", len(smiles), "molecules") as progress:
        for number in done:
            progress.advance(len(_members(smiles, number)))

        def keep(chunk: Chunk, content: bytes) -> None:
            write_sealed(_path(folder, chunk.number), content)
            progress.advance(chunk.n)

        waiting = (number for number in range(_chunks(smiles)) if number not in set(done))
        chunks = (_chunk(number, _members(smiles, number)) for number in waiting)
        run_chunks(workers, chunks, partial(_answer, ensembles=shared), keep)


def read_answers(folder: Path, place: int, molecules: int) -> Answers:
    """Read the predictions of one ensemble for all molecules.

    Parameters
    ----------
    folder : Path
        The folder that `collect_answers` filled.
    place : int
        Position of the ensemble among the `ensembles` of `collect_answers`, from 0.
    molecules : int
        Number of molecules that `collect_answers` was called with.

    Raises
    ------
    OrganodeError
        If a file is damaged. The file is deleted, so that `collect_answers` computes it again.
    """
    matrices, predictions = [], []
    for number in range(-(-molecules // CHUNK)):
        content = read_sealed(_path(folder, number))
        if content is None:
            _path(folder, number).unlink()
            raise OrganodeError(f"{_path(folder, number)} was damaged: run the same command again")
        values, columns, ends, answers = load_arrays(content)[PARTS * place : PARTS * (place + 1)]
        n_columns = int(ends[-1])
        matrices.append(csr_matrix((values, columns, ends[:-1]), (len(ends) - 2, n_columns)))
        predictions.append(answers)
    return Answers(vstack(matrices, format="csr"), np.concatenate(predictions))


def _chunks(smiles: Sequence[str]) -> int:
    return -(-len(smiles) // CHUNK)


def _members(smiles: Sequence[str], number: int) -> Sequence[str]:
    return smiles[number * CHUNK : (number + 1) * CHUNK]


def _chunk(number: int, smiles: Sequence[str]) -> Chunk:
    rows = range(number * CHUNK, number * CHUNK + len(smiles))
    return Chunk(number, rows, [str(row) for row in rows], smiles, [])


def _path(folder: Path, number: int) -> Path:
    return folder / f"{number:06d}.npz"


def _answer(chunk: Chunk, ensembles: Sequence[Ensemble]) -> bytes:
    """Return the content of a chunk's file: input matrix and predictions of each ensemble."""
    features = chunk.featurized().features
    arrays: list[np.ndarray] = []
    for ensemble in ensembles:
        matrix = ensemble.inputs.matrix(features)
        ends = np.append(matrix.indptr, matrix.shape[1])  # the last one: the number of columns
        predictions = ensemble.predict(matrix).T.astype(np.float32)
        arrays += [matrix.data, matrix.indices, ends, predictions]
    content = io.BytesIO()
    save_arrays(content, arrays)
    return content.getvalue()
