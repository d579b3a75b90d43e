"""Commands that build the embedded data set."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import pandas as pd

EMBEDDED = Path("data/embedded/molecules.csv")
Chosen = Annotated[Path, typer.Argument(help="The CSV file for the molecules.")]
Known = Annotated[Path, typer.Option(help="The data set whose molecules are left out.")]

commands = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="Build the embedded data set from scratch.",
)


@commands.command(epilog="`python data/embedded/build pool --out work --size 5000`")
def pool(
    out: Annotated[Path, typer.Option(help="Folder for pool.csv, dft.csv and library.csv.")],
    size: Annotated[
        int | None, typer.Option(min=1, help="Number of molecules in pool.csv; all if omitted.")
    ] = None,
) -> None:
    """Choose the molecules to label by xTB (pool.csv) and by B3LYP (dft.csv).

    Any first part of pool.csv and of dft.csv is a fair sample of the whole. library.csv holds other
    molecules, to be screened.
    """
    from embedded_set.pool import build_pool, choose_for_dft
    from organode.utils.outputs import exclusive_lock
    from organode.utils.tables import write_csv

    with exclusive_lock(out):
        chosen, library = build_pool()
        chosen = chosen.head(size or len(chosen))
        tables = {"pool": chosen, "dft": choose_for_dft(chosen), "library": library}
        for name, table in tables.items():
            write_csv(table, out / f"{name}.csv")
            typer.echo(f"{len(table):,} molecules: {out / name}.csv")


@commands.command(
    epilog="`python data/embedded/build join work/pool.csv work/labels.csv --dft work/b3lyp.csv "
    "--out data/embedded`"
)
def join(
    pool: Annotated[Path, typer.Argument(help="pool.csv, written by `pool`.")],
    labels: Annotated[
        list[Path], typer.Argument(help="Labels of the pool, written by `organode label`.")
    ],
    dft: Annotated[
        list[Path],
        typer.Option(help="Labels of dft.csv, written by `organode label --level b3lyp`."),
    ],
    out: Annotated[Path, typer.Option(help="Folder for the data set and its card.")],
    experiment: Annotated[
        Path | None, typer.Option(help="An earlier experiment.csv; computed when omitted.")
    ] = None,
) -> None:
    """Join labels and pool into the data set, and write its card with its measured accuracy."""
    from embedded_set.dataset import WRITTEN, build_embedded, read_pool
    from organode.utils.outputs import exclusive_lock, keep_apart

    for name in WRITTEN:
        keep_apart(out / name, [pool, *labels, *dft, *([experiment] if experiment else [])])
    with exclusive_lock(out):
        made = build_embedded(read_pool(pool), labels, dft, out, experiment=experiment)
    typer.echo(f"{len(made.molecules):,} molecules, {len(made.failures):,} failures: {out}")


@commands.command(epilog="`python data/embedded/build extend --dft work/b3lyp.csv`")
def extend(
    labels: Annotated[
        list[Path] | None,
        typer.Argument(help="Labels of species, by `organode label --adiabatic`."),
    ] = None,
    dft: Annotated[
        list[Path] | None,
        typer.Option(help="Labels of species, by `organode label --level b3lyp`."),
    ] = None,
    pool: Annotated[
        Path | None,
        typer.Option(help="pool.csv, written by `pool`: its labelled new species join the set."),
    ] = None,
    folder: Annotated[Path, typer.Option(help="The data set.")] = Path("data/embedded"),
) -> None:
    """Put new labels into the data set, in place of earlier ones, and fit its corrections anew."""
    from embedded_set.dataset import read_pool
    from embedded_set.extend import extend_embedded
    from organode.utils.outputs import exclusive_lock

    with exclusive_lock(folder):
        joining = None if pool is None else read_pool(pool)
        made = extend_embedded(folder, labels or [], folder, dft or [], joining)
    typer.echo(f"{len(made.molecules):,} molecules, {len(made.ions) // 2:,} with ions: {folder}")


@commands.command(epilog="`python data/embedded/build integrals data/embedded/molecules.csv`")
def integrals(
    molecules: Annotated[Path, typer.Argument(help="molecules.csv, written by `join`.")],
    out: Annotated[Path, typer.Option(help="The JSON file for the integrals.")] = Path(
        "src/organode/chem/orbitals/integrals.json"
    ),
) -> None:
    """Fit the Hückel model's integrals to the raw xTB energies of the embedded molecules.

    Run `join` again afterwards: its corrections use the orbitals that these integrals give.
    """
    from embedded_set.integrals import fit_embedded
    from organode.utils.outputs import claim_output

    with claim_output(out, [molecules]):
        errors = fit_embedded(molecules, out)
    typer.echo(f"mean deviation of IE {errors[0]:.3f} eV, of EA {errors[1]:.3f} eV: {out}")


@commands.command(epilog="`python data/embedded/build unlabelled data/packaged/molecules.parquet`")
def unlabelled(
    out: Annotated[Path, typer.Argument(help="The Parquet file for the molecules.")],
) -> None:
    """Choose unlabelled molecules for `organode package`: real, drug-like and enumerated ones."""
    from embedded_set.unlabelled import choose_unlabelled
    from organode.utils.outputs import claim_output
    from organode.utils.tables import write_table

    with claim_output(out, ()):
        chosen = choose_unlabelled()
        write_table(chosen, out)
    for source, number in chosen["source"].value_counts().items():
        typer.echo(f"{number:,} {source}")
    typer.echo(f"{len(chosen):,} molecules: {out}")


@commands.command(epilog="`python data/embedded/build diverse work/diverse.csv`")
def diverse(
    out: Chosen,
    size: Annotated[int, typer.Option(min=1, help="Number of molecules.")] = 42_000,
    known: Known = EMBEDDED,
) -> None:
    """Choose diverse molecules to label by xTB, from which networks learn before other labels.

    Any first part of the file is a diverse choice.
    """
    from embedded_set.diverse import choose_diverse

    _choose(choose_diverse, out, size, known)


@commands.command(epilog="`python data/embedded/build joined work/large.csv`")
def joined(
    out: Chosen,
    size: Annotated[int, typer.Option(min=1, help="Number of molecules.")] = 2_000,
    known: Known = EMBEDDED,
) -> None:
    """Choose large molecules to label by xTB: two smaller ones, joined by a bond or a bridge."""
    from embedded_set.joined import choose_joined

    _choose(choose_joined, out, size, known)


@commands.command(epilog="`python data/embedded/build decorated work/decorated.csv`")
def decorated(
    out: Chosen,
    size: Annotated[int, typer.Option(min=1, help="Number of molecules.")] = 10_000,
    known: Known = EMBEDDED,
) -> None:
    """Choose densely substituted ring systems to label by xTB: few kinds of groups, many places."""
    from embedded_set.decorated import choose_decorated

    _choose(choose_decorated, out, size, known)


@commands.command(
    epilog="`python data/embedded/build pretraining work/diverse.csv work/labels.csv`"
)
def pretraining(
    pool: Annotated[
        Path, typer.Argument(help="The molecules, written by `diverse`, `joined` or `decorated`.")
    ],
    labels: Annotated[
        list[Path], typer.Argument(help="Labels of some of them, written by `organode label`.")
    ],
    out: Annotated[Path, typer.Option(help="Folder of the set.")] = Path("data/pretraining"),
    embedded: Annotated[
        Path, typer.Option(help="The embedded set, whose correction of xTB is used.")
    ] = EMBEDDED,
) -> None:
    """Add labels to the set from which networks learn first, and write its card anew."""
    from embedded_set.dataset import read_pool
    from embedded_set.pretraining import extend_pretraining
    from organode.utils.outputs import exclusive_lock

    with exclusive_lock(out):
        table = extend_pretraining(read_pool(pool), labels, out, embedded)
    typer.echo(f"{len(table):,} molecules: {out}")


def _choose(
    choose: Callable[[Iterable[str], int], pd.DataFrame], out: Path, size: int, known: Path
) -> None:
    """Write `size` molecules to a CSV file, none of which is in the data set `known`."""
    from organode.utils.outputs import claim_output
    from organode.utils.tables import read_csv, write_csv

    with claim_output(out, [known]):
        chosen = choose(read_csv(known)["smiles"], size)
        write_csv(chosen, out)
    typer.echo(f"{len(chosen):,} molecules: {out}")
