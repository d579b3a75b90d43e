"""The command `organode improve`, which buys the labels that improve decisions most."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from organode.cli.options import (
    USE,
    Cap,
    Column,
    Encoding,
    IdColumn,
    Jobs,
    ModelFolder,
    Separator,
    Sets,
    Sheet,
    Solvent,
    reading_of,
    settings_of,
)

if TYPE_CHECKING:
    from organode.tracking.registry.versions import Loaded

commands = typer.Typer()
REPLAYED = 2_000  # molecules of the embedded set whose predictions are to stay


@commands.command(
    rich_help_panel=USE, epilog="`organode improve library.csv --budget 4h --out campaign`"
)
def improve(
    molecules: Annotated[
        list[str], typer.Argument(metavar="LIBRARY", help="As for `organode screen`.")
    ],
    out: Annotated[Path, typer.Option(help="The folder of the campaign; it may be resumed.")],
    budget: Annotated[
        str, typer.Option(help="Wall time for labels and training: 90s, 30min, 4h, 2d.")
    ] = "4h",
    given: Annotated[
        Path | None,
        typer.Option("--from", help="A table of energies to begin with: SMILES, IE, EA in eV."),
    ] = None,
    rule: Annotated[
        Literal["decision", "greedy", "uncertain", "random"],
        typer.Option(help="How labels are chosen; all but decision are for comparison."),
    ] = "decision",
    level: Annotated[
        Literal["auto", "xtb", "b3lyp"],
        typer.Option(help="Level of the labels; auto: for each the one that is worth more."),
    ] = "auto",
    solvent: Solvent = None,
    jobs: Jobs = None,
    column: Column = None,
    id_column: IdColumn = None,
    separator: Separator = None,
    sheet: Sheet = None,
    encoding: Encoding = None,
    cap: Cap = None,
    model: ModelFolder = None,
    overrides: Sets = None,
) -> None:
    """Buy the labels that change most decisions on a library, and learn them; resumes."""
    from tempfile import TemporaryDirectory

    from joblib import cpu_count

    from organode.api.load import of_versions
    from organode.cli.screen import load_models
    from organode.fetch.local import EMBEDDED
    from organode.improve.clock import parse_duration
    from organode.improve.levels import Levels, check_level_of_theory, chosen_levels
    from organode.improve.plan import Plan
    from organode.library.find import find_library
    from organode.pipeline.improve import improve as run
    from organode.pipeline.screen import with_models
    from organode.screening.criteria.criteria import Criteria
    from organode.screening.shortlist.verify import fit_corrections, read_embedded
    from organode.tracking.campaign_run import CampaignRun
    from organode.utils.files import matching_files
    from organode.utils.outputs import keep_apart

    overridden = [f"screen.solvent={solvent}"] if solvent is not None else []
    settings = settings_of([*(overrides or []), *overridden])
    wanted, options = reading_of(column, id_column, separator, sheet, encoding, cap)
    plan = Plan(parse_duration(budget), jobs or cpu_count(), rule, settings.seed)
    names, reference = chosen_levels(level), settings.curate.xtb_reference
    keep_apart(out, [*matching_files(molecules), reference, *([given] if given else [])])
    criteria = Criteria.from_settings(settings.screen)
    loaded = load_models(False, model, {})
    versions: list[Loaded[Any]] = [
        *loaded.energies,
        *([loaded.stability] if loaded.stability else []),
    ]
    check_level_of_theory(
        {each.registered.target: each.registered.level_of_theory for each in loaded.energies},
        EMBEDDED.level_of_theory,
    )
    embedded = read_embedded(reference)
    known = embedded["smiles"]
    replay = known.sample(min(REPLAYED, len(known)), random_state=settings.seed).tolist()
    with TemporaryDirectory(prefix="organode-") as spool:
        library = find_library(molecules, wanted, Path(spool), options)
        facts = {"library": library.name, "budget_s": plan.budget, "rule": rule, "level": level}
        result = run(
            library,
            of_versions(versions),
            with_models(criteria, loaded.energies, loaded.stability),
            lambda: Levels(names, fit_corrections(embedded)),
            lambda identity: CampaignRun.open(identity, facts, out),
            out,
            plan,
            given=given,
            replay=replay,
        )
    bought = sum(sum(each["bought"].values()) for each in result["rounds"][1:])
    lists = result["rounds"][-1]["list"]
    counts = ", ".join(f"{of['listed']:,} {role}-type" for role, of in lists.items())
    proposed = f"; proposed model: {out / 'proposed'}" if result["proposed"] else ""
    typer.echo(
        f"{bought:,} labels bought in {len(result['rounds']) - 1} rounds; {counts} candidates: "
        f"{out / 'report.html'}{proposed}"
    )
