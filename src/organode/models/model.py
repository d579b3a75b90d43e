"""A whole model: what answers for IE, EA and stability, as one object and as one folder."""

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
NETWORKS, ERROR_BARS = "networks", "error_bars"  # folders of a target's parts
REMEDY = "export it again with `organode model export`"


@dataclass(frozen=True)
class Model:
    """The models of IE and EA, or one of them, and that of stability, if there is one.

    Attributes
    ----------
    energies : tuple of TargetModel
        One a target.
    stability : Stability or None
        Probabilities that the oxidised and the reduced form are stable.
    versions : mapping of str to mapping
        By ``IE``, ``EA``, ``stability``: name, version and metrics of what answers, and the data
        that it was trained on; empty where that is not known.
    """

    energies: tuple[TargetModel, ...]
    stability: Stability | None = None
    versions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def load(cls, folder: str | Path) -> Model:
        """Read a model that `organode model export` wrote; needs neither MLflow nor TensorFlow.

        Raises
        ------
        UsageError
            If the folder holds no model.
        OrganodeError
            If a file of it is missing or damaged.
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
        """Predict energies, potentials and stability from structure.

        Parameters
        ----------
        smiles : str or sequence of object
            SMILES, InChI, names or CAS numbers; n of them, or one. What cannot be read gets a
            reason in `status`, not an exception.
        level : float
            Share of values that are to lie inside their interval, 0 to 1.
        reference : str
            Electrode that potentials are given against, such as ``Li/Li+``, ``SCE``, ``Fc/Fc+``.
        solvent : str
            Code of an aprotic solvent, such as ``ACN`` or ``DMF``.
        cap : str
            ``H`` or ``methyl``, in place of the ``*`` of a polymer's repeat unit.

        Returns
        -------
        pandas.DataFrame
            n rows in the same order: `row`, `id`, `smiles`, `status` (``ok`` or the reason), `note`
            and the columns of the table of `organode predict`: energies in eV, potentials in V.

        Raises
        ------
        UsageError
            If level, reference or solvent is not known or impossible.

        Warns
        -----
        UserWarning
            If the solvent is protic, or the reference electrode was not measured in it.

        Examples
        --------
        >>> import organode
        >>> model = organode.load("model")  # doctest: +SKIP
        >>> model.predict("O=C1C=CC(=O)C=C1")[["E_red", "E_red_lower", "E_red_upper"]]
        ... # doctest: +SKIP
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
