"""The Materials Project's first molecules: the JCESR Electrolyte Genome, no longer extended."""

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
    """Yield the legacy Molecules Explorer's table.

    B3LYP/6-31+G(d), adiabatic: geometries relaxed in vacuum for each charge state, energies in
    water (IEF-PCM). Qu et al., Comput. Mater. Sci. 103 (2015) 56,
    doi 10.1016/j.commatsci.2015.02.050.

    The interface describes its IE and EA as no more than 'in eV'. Their sign: the Molecules
    Explorer's manual has EA = −ΔG(reduction)/nF, so E(neutral) − E(anion), and quinones do come
    out positive. Their zero is not one: a large part of the rows is referred to Li/Li+, that is,
    both columns are 1.40 eV below the absolute values, and no field says which rows. Hence
    `reference` is ``unknown`` here, and telling them apart is curation.

    Raises
    ------
    UsageError, OrganodeError
        See `organode.fetch.pages.download`.
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
