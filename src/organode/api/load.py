"""Load models by name and screen libraries with them: the code behind `import organode`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pandas as pd

import organode
from organode.artifacts import TARGETS
from organode.errors import UsageError, explained_import
from organode.models.model import STABILITY, Model
from organode.tracking.registry.in_use import registry_in_use
from organode.utils.progress import say

if TYPE_CHECKING:
    from organode.electrochemistry.stability.chance import Stability
    from organode.models.warm_start import WarmStart
    from organode.pipeline.screen import Models
    from organode.tracking.registry.versions import Loaded

PACKAGED = Path(organode.__file__).parent / "packaged"
SHORT = re.compile(r"(IE|EA|stability)@(.+)")  # such as IE@champion, EA@3
# The same in MLflow's form, such as models:/organode-IE@champion or models:/organode-EA/3.
ADDRESS = re.compile(r"models:/organode-(IE|EA|stability)[@/](.+)")


def load_model(name: str | Path | None = None) -> Model:
    """Load a model by the name of a folder or version, or the model in use if `name` is omitted.

    The model in use consists of the champions, the versions in use, of the registry. If no registry
    is in use, it is the model that is part of the Python package. Names and errors are those of
    `organode.load`, which calls this function.
    """
    if name is None and not registry_in_use():
        return packaged_model()
    address = address_of(str(name)) if name is not None else None
    if name is not None and address is None:
        return Model.load(name)
    try:
        from organode.tracking.registry.champions import named_version

        return champions() if address is None else of_versions([named_version(*address)])
    except ModuleNotFoundError as error:  # MLflow, which brings the registry
        raise explained_import(error) or error from error


def packaged_model() -> Model:
    """Load the model that is part of the Python package; print that this model is used."""
    say(
        f"the packaged model of organode {organode.__version__} answers: no registry is in use "
        "(MLFLOW_TRACKING_URI is not set, and no model was trained here)"
    )
    return Model.load(PACKAGED)


def warm_start(name: str, target: str) -> WarmStart:
    """Load the networks of a model, from which the training of a target goes on.

    Parameters
    ----------
    name : str
        A name as for `load_model`; also ``packaged``, for the model that is part of the Python
        package, or ``@`` and a version of the target, such as ``@champion``.
    target : str
        ``IE`` or ``EA``.

    Raises
    ------
    UsageError
        If there is no such model, or if it does not predict the target.
    OrganodeError
        If the model cannot be loaded.
    """
    from organode.models.warm_start import WarmStart

    if name == PACKAGED.name:
        model = Model.load(PACKAGED)
    else:
        model = load_model(f"{target}{name}" if name.startswith("@") else name)
    version = model.versions.get(target, {}).get("version")
    for each in model.energies:
        if each.target == target:
            # An alias such as `champion` will mean another version.
            title = f"{name} (version {version})" if version else name
            return WarmStart.of(title, each.networks, each.uncertainty.bits)
    raise UsageError(f"the model '{name}' does not predict {target}: name another to start from")


def address_of(name: str) -> tuple[str, str] | None:
    """Return target and version that a name in the registry means; None for any other name.

    ``IE@champion`` gives ``("IE", "champion")``. The version is a number, an alias or the id of an
    MLflow run. The path of a folder gives None.
    """
    found = SHORT.fullmatch(name) or ADDRESS.fullmatch(name)
    return (found[1], found[2]) if found else None


def champions() -> Model:
    """Load the champions, the registered versions in use, of all targets as one model.

    A target without a champion is left out of the model: stability, or one of IE and EA.

    Raises
    ------
    OrganodeError
        If neither IE nor EA has a champion, or a champion cannot be loaded.
    """
    from organode.tracking.registry.champions import champions

    energies = champions(TARGETS, all_needed=False)
    stability = stability_champion()
    return of_versions([*energies, *([stability] if stability is not None else [])])


def stability_champion() -> Loaded[Stability] | None:
    """Load the champion for the stability of ions; if none exists, print a message, return None."""
    from organode.tracking.registry.champions import champion

    loaded: Loaded[Stability] | None = champion(STABILITY)
    if loaded is None:
        say(
            "no model for the stability of ions: `dvc repro`, or `organode stability` and "
            "`organode register stability`, makes it"
        )
    return loaded


def of_versions(loaded: Sequence[Loaded[Any]]) -> Model:
    """Join registered versions, at most one for each target, into one model."""
    by_target = {each.registered.target: each for each in loaded}
    stability = by_target.get(STABILITY)
    return Model(
        tuple(by_target[target].model for target in TARGETS if target in by_target),
        stability.model if stability is not None else None,
        {target: asdict(each.registered) for target, each in by_target.items()},
    )


def versions_of(model: Model) -> Models:
    """Return a model as the screening needs it: each part together with its registered version.

    Raises
    ------
    UsageError
        If the model lacks IE or EA, or `model.versions` lacks the registered version of either.
    """
    from organode.pipeline.screen import Models
    from organode.tracking.registry.versions import Loaded, Registered

    missing = [target for target in TARGETS if target not in model.versions]
    if missing:
        raise UsageError(
            f"the model does not answer for {' and '.join(missing)}: a screen needs IE and EA"
        )
    registered = {target: Registered.of(version) for target, version in model.versions.items()}
    stability = None
    if model.stability is not None:
        stability = Loaded(registered[STABILITY], model.stability)
    return Models([Loaded(registered[each.target], each) for each in model.energies], stability)


def screen_library(
    library: str | Path | Sequence[str] | pd.DataFrame,
    out: str | Path,
    *,
    model: Model | str | Path | None,
    settings: Mapping[str, Any],
) -> pd.DataFrame:
    """Screen a library, write the report to the folder `out`, and return the candidates.

    The parameters are those of `organode.screen`, which calls this function. The keyword arguments
    of `organode.screen` are the mapping `settings` here.
    """
    from joblib import cpu_count

    from organode.library.columns import Wanted
    from organode.library.engine import Run
    from organode.library.find import find_library
    from organode.library.formats import ReadOptions
    from organode.pipeline.screen import convention_warnings, screen
    from organode.settings import checked
    from organode.utils.outputs import keep_apart

    chosen = checked({"screen": dict(settings)})
    out = Path(out)
    with TemporaryDirectory(prefix="organode-") as spool:
        if isinstance(library, str | Path):
            given = Path(library)
            keep_apart(out, [given])
        else:
            given = Path(spool) / "library.parquet"
            table = library if isinstance(library, pd.DataFrame) else {"smiles": list(library)}
            pd.DataFrame(table).to_parquet(given, index=False)
        screen(
            find_library([str(given)], Wanted(None, None), Path(spool), ReadOptions()),
            lambda: versions_of(model if isinstance(model, Model) else load_model(model)),
            chosen.screen,
            out,
            run=Run("auto", cpu_count(), None),
            xtb_reference=chosen.curate.xtb_reference,
            warnings=convention_warnings(chosen),
        )
    return pd.read_parquet(out / "candidates.parquet")
