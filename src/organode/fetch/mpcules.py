"""MPcules, the Materials Project's present molecules."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rdkit import Chem, rdBase

from organode.fetch.pages import Query, Record, download
from organode.fetch.source import Provenance, Raw
from organode.fetch.table import make_table, now
from organode.settings import Fetch

QUERY = Query(
    "mpcules",
    "summary",
    {
        "charge": 0,
        "has_props": "redox",
        "_fields": "molecule_id,inchi,redox",
        "_sort_fields": "molecule_id",
    },
)

# Redox data come once for each solvent; values of different solvents do not compare, so one is
# taken. Water, as in the older set's table (`jcesr`); its name here is emmet's for SMD(water).
SOLVENT = "SOLVENT=WATER"


@contextmanager
def mpcules(settings: Fetch) -> Iterator[Raw]:
    """Yield the neutral molecules that have redox data; labels are null without those in water.

    Vertical, absolute energies at the best level of theory that a molecule has, each difference
    taken as E(ion) − E(neutral) (emmet-core, ``RedoxDoc.from_docs``): right for IE, the other
    way round for EA, which is turned. Spotte-Smith et al., Digital Discovery 2 (2023) 1862,
    doi 10.1039/D3DD00153A.

    Raises
    ------
    UsageError, OrganodeError
        See `organode.fetch.pages.download`.
    """
    with download(QUERY, settings.page_size) as answer:
        redox = [_in_solvent(record) for record in answer.records]
        levels = sorted({str(part["level_of_theory"]) for part in redox if
                         part.get("level_of_theory")})  # fmt: skip
        yield Raw(
            make_table(
                [_smiles(record.get("inchi")) for record in answer.records],
                [part.get("ionization_energy") for part in redox],
                [part.get("electron_affinity") for part in redox],
                "anion-minus-neutral",
            ),
            Provenance(
                source=QUERY.source,
                query=answer.query | {"solvent": SOLVENT},
                time=now(),
                rows=len(answer.records),
                sha256=answer.sha256,
                affinity_sign="anion-minus-neutral",
                reference="absolute",
                level_of_theory=f"vertical, SMD(water); {', '.join(levels) or 'unknown'}",
                licence="CC BY 4.0",
                citation="Spotte-Smith et al., Digital Discovery 2 (2023) 1862, "
                "doi 10.1039/D3DD00153A",
            ),
        )


def _in_solvent(record: Record) -> dict[str, Any]:
    solvents = record.get("redox") or {}
    return solvents.get(SOLVENT) or {}


def _smiles(inchi: object) -> str | None:
    """Return the SMILES for an InChI, the only structure without coordinates that is served."""
    if not isinstance(inchi, str):
        return None
    with rdBase.BlockLogs():  # a bad structure is the row's matter, not the terminal's
        molecule = Chem.MolFromInchi(inchi)  # type: ignore[no-untyped-call]
    return None if molecule is None else Chem.MolToSmiles(molecule)
