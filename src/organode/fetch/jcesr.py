"""Fetch IE and EA of the Materials Project's legacy molecules.

They are the molecules of JCESR's Electrolyte Genome, a data set that is no longer extended.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from organode.fetch.pages import Query, download
from organode.fetch.source import Provenance, Raw
from organode.fetch.table import make_table, now
from organode.settings import Fetch

QUERY = Query(
    "materials-project", "jcesr", {"_fields": "task_id,smiles,IE,EA", "_sort_fields": "task_id"}
)


@contextmanager
def materials_project(settings: Fetch) -> Iterator[Raw]:
    """Download IE and EA of the molecules in the legacy Molecules Explorer, and yield a table.

    The energies are adiabatic, by B3LYP/6-31+G(d): geometries were relaxed in vacuum for each
    charge state, and energies were computed in water (IEF-PCM). Qu et al., Comput. Mater. Sci. 103
    (2015) 56, doi 10.1016/j.commatsci.2015.02.050.

    The API of the Materials Project documents IE and EA only as 'in eV'. The manual of the
    Molecules Explorer gives the sign of EA: EA = −ΔG(reduction)/nF, that is E(neutral) − E(anion).
    In agreement with this sign, quinones have positive values. The zero of the energies differs
    from row to row: in many rows IE and EA are vs Li/Li+, that is, 1.40 eV below the values vs
    vacuum, and no field of the database says in which rows. Therefore the `reference` in the
    yielded provenance is ``unknown``, and organode's stage `curate` decides which rows are vs
    Li/Li+.

    Raises
    ------
    UsageError
        If mp-api is not installed, or a valid API key is missing.
    OrganodeError
        If the network or the server failed, or the database changed during the download.
    """
    with download(QUERY, settings.page_size) as answer:
        records = answer.records
        yield Raw(
            make_table(
                [record.get("smiles") for record in records],
                [record.get("IE") for record in records],
                [record.get("EA") for record in records],
                "neutral-minus-anion",
            ),
            Provenance(
                source=QUERY.source,
                query=answer.query,
                time=now(),
                rows=len(records),
                sha256=answer.sha256,
                affinity_sign="neutral-minus-anion",
                reference="unknown",
                level_of_theory="B3LYP/6-31+G(d), IEF-PCM(water), adiabatic",
                licence="CC BY 4.0",
                citation="Qu et al., Comput. Mater. Sci. 103 (2015) 56, "
                "doi 10.1016/j.commatsci.2015.02.050",
            ),
        )
