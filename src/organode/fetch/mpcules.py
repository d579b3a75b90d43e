"""Fetch IE and EA of the Materials Project's current molecules, the MPcules database."""

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

# Redox data are given for each solvent. Values in different solvents are not comparable, so only
# those in water are taken, as in the legacy table (`organode.fetch.jcesr`). The name is that of
# SMD(water) in emmet, the package that builds the database.
SOLVENT = "SOLVENT=WATER"


@contextmanager
def mpcules(settings: Fetch) -> Iterator[Raw]:
    """Download IE and EA in water of the neutral molecules in MPcules, and yield a table.

    The table has a row for each neutral molecule with redox data. If a molecule has redox data only
    in solvents other than water, IE and EA are missing in its row. The energies are vertical and
    vs vacuum, at the best level of theory that the database has for each molecule. The database
    gives IE and EA as E(ion) − E(neutral) (emmet-core, ``RedoxDoc.from_docs``); the sign of EA is
    therefore inverted here. Spotte-Smith et al., Digital Discovery 2 (2023) 1862,
    doi 10.1039/D3DD00153A.

    Raises
    ------
    UsageError
        If mp-api is not installed, or a valid API key is missing.
    OrganodeError
        If the network or the server failed, or the database changed during the download.
    """
    with download(QUERY, settings.page_size) as answer:
        redox = [_in_solvent(record) for record in answer.records]
        levels = sorted({str(level) for part in redox if (level := part.get("level_of_theory"))})
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
    """Return the redox data in water of a molecule's record; empty if the record has none."""
    solvents = record.get("redox") or {}
    return solvents.get(SOLVENT) or {}


def _smiles(inchi: object) -> str | None:
    """Return the SMILES of a structure given as InChI; None if the InChI cannot be read.

    The database gives structures as coordinates and as InChI, but not as SMILES.
    """
    if not isinstance(inchi, str):
        return None
    with rdBase.BlockLogs():  # a bad structure is reported with its row, not by RDKit
        molecule = Chem.MolFromInchi(inchi)  # type: ignore[no-untyped-call]
    return None if molecule is None else Chem.MolToSmiles(molecule)
