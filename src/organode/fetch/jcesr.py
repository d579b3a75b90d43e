"""The legacy molecules of the Materials Project: JCESR's Electrolyte Genome, no longer extended."""

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
    """Yield the table of IE and EA from the legacy Molecules Explorer.

    The energies are adiabatic, by B3LYP/6-31+G(d): geometries were relaxed in vacuum for each
    charge state, energies computed in water (IEF-PCM). Qu et al., Comput. Mater. Sci. 103 (2015)
    56, doi 10.1016/j.commatsci.2015.02.050.

    The API documents IE and EA only as 'in eV'. The manual of the Molecules Explorer gives the
    sign: EA = −ΔG(reduction)/nF, that is E(neutral) − E(anion), and indeed quinones have positive
    values. The reference differs from row to row: in a large part of the rows both IE and EA are vs
    Li/Li+, that is, 1.40 eV below the values vs vacuum, and no field says in which rows. Hence
    `Provenance.reference` is ``unknown`` here, and the stage `curate` tells the rows apart.

    Raises
    ------
    UsageError
        If mp-api or a valid key is missing.
    OrganodeError
        If network or server failed, or the database changed during the download.
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
