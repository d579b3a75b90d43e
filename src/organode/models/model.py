"""The models of IE, EA and ion stability, as one object that is loaded from one folder."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from organode.artifacts import TARGETS
from organode.electrochemistry import axis
from organode.electrochemistry import warnings as cell_warnings
from organode.electrochemistry.references import LI
from organode.electrochemistry.scale.gaussian_process import HOME
from organode.electrochemistry.stability.chance import Stability
from organode.errors import UsageError
from organode.models.predictor import TargetModel, predict
from organode.models.uncertainty.error_bars import LEVEL
from organode.settings import Screen
from organode.utils.checksums import damaged, read_json

DESCRIPTION = "model.json"
STABILITY = "stability"
NETWORKS, ERROR_BARS = "networks", "error_bars"  # subfolders of the folder of a target
REMEDY = "export it again with `organode model export`"


@dataclass(frozen=True)
class Model:
    """The models of IE, of EA or of both energies, and optionally a model of the ions' stability.

    Attributes
    ----------
    energies : tuple of TargetModel
        One model for each target, IE (ionisation energy) before EA (electron affinity).
    stability : Stability or None
        Predicts the probability that the oxidised or the reduced form of a molecule is stable.
        None if there is no such model.
    versions : mapping of str to mapping
        The keys are ``IE``, ``EA`` and ``stability``. The values hold name, version, metrics and
        training data of the model, as in ``model.json``. Empty if these facts are not known.
    """

    energies: tuple[TargetModel, ...]
    stability: Stability | None = None
    versions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: str | Path) -> Model:
        """Read a model from a folder that `organode model export` wrote.

        This needs neither MLflow nor TensorFlow.

        Raises
        ------
        UsageError
            If the folder holds no model.
        OrganodeError
            If a file of the model is missing or damaged.
        """
        folder = Path(folder)
        if not (folder / DESCRIPTION).exists():
            raise UsageError(
                f"{folder} holds no model ({DESCRIPTION} is missing): name a folder that "
                "`organode model export FOLDER` wrote"
            )
        content = read_json(folder / DESCRIPTION, REMEDY)
        versions = content.get("models") if isinstance(content, dict) else None
        if not isinstance(versions, dict) or not set(versions) & set(TARGETS):
            raise damaged(folder / DESCRIPTION, REMEDY)
        energies = tuple(
            TargetModel.load(folder / target / NETWORKS, folder / target / ERROR_BARS)
            for target in TARGETS
            if target in versions
        )
        stability = Stability.load(folder / STABILITY) if STABILITY in versions else None
        return cls(energies, stability, versions)

    def predict(
        self,
        smiles: str | Sequence[object],
        *,
        level: float = LEVEL,
        reference: str = LI,
        solvent: str = HOME,
        cap: str = "",
    ) -> pd.DataFrame:
        """Predict IE, EA, redox potentials and the stability of the ions from structures.

        Parameters
        ----------
        smiles : str or sequence of object
            n structures, or a single one: SMILES, InChI, names or CAS numbers, or names and
            abbreviations in the table of measured potentials (``TEMPO``). A structure that cannot
            be read raises no exception; the column `status` of the result says why.
        level : float
            Share of true values that are to lie inside their prediction interval, 0 to 1.
        reference : str
            Electrode that potentials are given against, such as ``Li/Li+``, ``SCE``, ``Fc/Fc+``.
        solvent : str
            Code of the solvent of the potentials, aprotic, such as ``ACN`` or ``DMF``.
        cap : str
            End group in place of the ``*`` of a polymer's repeat unit: ``H`` or ``methyl``. If
            empty, repeat units get no prediction.

        Returns
        -------
        pandas.DataFrame
            n rows in the order of `smiles`: `row` and `id` (both the position from 0), `smiles`,
            `status` (``ok`` or the reason why there is no prediction), `note` (how the structure
            was changed before the prediction, mostly empty). Then, for each target: `IE` or `EA` in
            eV vs vacuum, with ``_lower``, ``_upper``, ``_in_domain`` and ``_remark``; the potential
            in V of the first and of the second wave in a voltammogram, `E_ox` and `E_ox2` or
            `E_red` and `E_red2`, with ``_lower``, ``_upper`` and ``_remark``; the probability that
            the oxidised or reduced form is stable, `stable_ox` or `stable_red`, with ``_reason``.

        Raises
        ------
        UsageError
            If the reference electrode or the solvent is not known, or if `level` is not between 0
            and 1.

        Warns
        -----
        UserWarning
            If the solvent is protic, or no potential of the reference electrode, or of Li/Li+, is
            known in this solvent.

        Examples
        --------
        >>> import organode
        >>> model = organode.load()
        >>> answer = model.predict("O=C1C=CC(=O)C=C1", reference="SCE", level=0.8)
        >>> answer[["E_red_lower", "E_red", "E_red_upper"]].round(1).to_numpy().tolist()
        [[-0.6, -0.5, -0.4]]
        """
        cells = [smiles] if isinstance(smiles, str) else list(smiles)
        if not 0 < level < 1:
            raise UsageError(f"level = {level:g}: must lie between 0 and 1, such as {LEVEL}")
        cell = Screen(reference=reference, solvent=solvent)
        for text in cell_warnings(cell):
            warnings.warn(text, stacklevel=2)
        answer = predict(
            self.energies, cells, stability=self.stability, cap=cap, level=level,
            reference=reference, solvent=solvent,
        )  # fmt: skip
        rows = pd.RangeIndex(len(cells))
        answer.insert(0, "row", rows.to_numpy())
        answer.insert(1, "id", pd.Series([str(row) for row in rows], dtype="str"))
        answer.attrs["potentials"] = axis(cell)
        return answer
