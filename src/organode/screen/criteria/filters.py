"""What a candidate has to be beside stable: asked for, never assumed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from rdkit import Chem

from organode.chem.molecule import ORGANIC_ELEMENTS, atoms
from organode.chem.motifs import PATTERNS, family
from organode.errors import UsageError
from organode.screen.criteria.properties import alerts, sa_score
from organode.settings import Filter


@dataclass(frozen=True)
class Filters:
    """Limits on properties; None or empty where there is none.

    Attributes
    ----------
    avoid_elements : tuple of str
        Such as ``Br``.
    motifs : tuple of str
        The only groups (`organode.chem.motifs`) that are of interest.
    no_alerts : bool
        Refuse molecules with structural alerts.
    max_sa_score, min_capacity : float or None
        Limits of `SA_score` and `capacity_mAh_g`.
    """

    avoid_elements: tuple[str, ...]
    motifs: tuple[str, ...]
    no_alerts: bool
    max_sa_score: float | None
    min_capacity: float | None

    @classmethod
    def of(cls, wanted: Filter) -> Filters:
        """Take over the settings.

        Raises
        ------
        UsageError
            If an element or a group is not known; the message lists those that are.
        """
        for key, names, known in (
            ("avoid_elements", wanted.avoid_elements, sorted(ORGANIC_ELEMENTS)),
            ("motifs", wanted.motifs, PATTERNS),
        ):
            for name in names:
                if name not in known:
                    raise UsageError(
                        f"screen.filter.{key}: '{name}' is not known: known are {', '.join(known)}"
                    )
        return cls(
            wanted.avoid_elements, wanted.motifs, wanted.no_alerts, wanted.max_sa_score,
            wanted.min_capacity,
        )  # fmt: skip

    @property
    def any(self) -> bool:
        """Whether there is any limit."""
        return self._structural or self.min_capacity is not None

    @property
    def _structural(self) -> bool:
        return bool(
            self.avoid_elements or self.motifs or self.no_alerts or self.max_sa_score is not None
        )

    def refuse(self, smiles: Sequence[str], found: pd.DataFrame) -> list[str]:
        """Return why each of n molecules is refused; empty where it is not.

        Parameters
        ----------
        smiles : sequence of str
            Length n; parsed only if a filter looks at structures.
        found : pandas.DataFrame
            Their `energies`.
        """
        refused = [self._why(Chem.MolFromSmiles(one)) if self._structural else "" for one in smiles]
        if self.min_capacity is not None:
            few = f"capacity below {self.min_capacity:g} mAh/g"
            too_few = (found["capacity_mAh_g"] < self.min_capacity).tolist()
            refused = [
                why or (few if is_few else "") for why, is_few in zip(refused, too_few, strict=True)
            ]
        return refused

    def _why(self, molecule: Chem.Mol) -> str:
        bad = {atom.GetSymbol() for atom in atoms(molecule)} & set(self.avoid_elements)
        if bad:
            return f"contains {', '.join(sorted(bad))}"
        if self.motifs and family(molecule) not in self.motifs:
            return "group of no interest"
        if self.max_sa_score is not None and sa_score(molecule) > self.max_sa_score:
            return f"SA score above {self.max_sa_score:g}"
        if self.no_alerts and alerts(molecule):
            return "structural alert"
        return ""
