"""The settings of `params.yaml` as frozen, validated objects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    Strict,
    ValidationError,
    model_validator,
)

from organode.errors import UsageError, keep_secret
from organode.utils.config.validation import problems, shown
from organode.utils.config.yamlfile import MAX_DEPTH, MAX_LENGTH, YamlError, read_yaml

Target = Literal["IE", "EA"]
Int = Annotated[int, Strict()]  # rejects "5" and true, which pydantic would convert
Fraction = Annotated[float, Field(ge=0, lt=1)]


def _ascending(bounds: tuple[Any, Any]) -> tuple[Any, Any]:
    if bounds[0] >= bounds[1]:
        raise ValueError("the first of the two bounds must be the smaller one")
    return bounds


def _distinct(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(set(values)) != len(values):
        raise ValueError("it holds the same value twice")
    return values


def _valid_length(n_bits: int) -> int:
    if 0 < n_bits < 16:
        raise ValueError("a fingerprint has at least 16 bits, or 0 for an unfolded fingerprint")
    return n_bits


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=False, allow_inf_nan=False)


class FileColumns(_Section):
    """Column names in the user's own file; `IE` or `EA` is null if the file lacks that energy."""

    smiles: str = Field("smiles", min_length=1)  # the default also finds other usual names
    IE: str | None = Field("IE", min_length=1)
    EA: str | None = Field("EA", min_length=1)


class FileSource(_Section):
    """How to read the user's own file of labelled molecules, and what the energies in it mean."""

    path: Path = Path("data/embedded/molecules.csv")
    columns: FileColumns = FileColumns()
    separator: str | None = Field(None, min_length=1, max_length=1)  # between cells; null: detected
    sheet: str | None = Field(None, min_length=1)  # of a workbook; null: the first visible one
    encoding: str | None = Field(None, min_length=1)  # of text; null: detected
    affinity_sign: Literal["neutral-minus-anion", "anion-minus-neutral"] = "neutral-minus-anion"
    reference: Literal["absolute", "li", "unknown"] = "unknown"  # energies vs vacuum or Li/Li+
    level_of_theory: str = "unknown"
    licence: str = "unknown"
    citation: str = "unknown"


class Fetch(_Section):
    """Settings of the stage `fetch`: the source of the labelled molecules."""

    source: Literal["embedded", "file", "materials-project", "mpcules"] = "embedded"
    file: FileSource = FileSource()
    page_size: Int = Field(500, ge=1, le=1000)  # rows per request to Materials Project


Bounds = Annotated[tuple[float, float], AfterValidator(_ascending)]


def _valid_reference(text: str) -> str:
    if text not in {"auto", "absolute", "li"} and not text.removeprefix("column:").strip():
        raise ValueError("name the column after 'column:'")
    return text


class Curate(_Section):
    """Settings of the stage `curate`: zero of the energies, and allowed range of the labels."""

    reference: Annotated[
        str, Field(pattern=r"^(auto|absolute|li|column:.*)$"), AfterValidator(_valid_reference)
    ] = "auto"  # auto: detected for each row; column:NAME: stated in that column
    absolute_li: float = Field(1.40, gt=0, lt=3)  # V, potential of Li/Li+ vs vacuum
    xtb_reference: Path = Path("data/embedded/molecules.csv")  # a table with xTB labels
    IE_bounds: Bounds = (2.0, 20.0)  # eV vs vacuum
    EA_bounds: Bounds = (-6.0, 8.0)
    largest_spread: float = Field(0.5, gt=0)  # eV, among repeats of one structure

    @property
    def reference_column(self) -> str | None:
        """Name of the column that states the zero of each row's energies; None if not set."""
        kind, colon, name = self.reference.partition(":")
        return name.strip() if colon and kind == "column" else None


class Split(_Section):
    """Settings of the stage `split`: test set, and cross-validation folds of the other rows."""

    method: Literal["random", "scaffold"] = "random"
    outer_fraction: float = Field(0.1, gt=0, le=0.5)  # share of the rows in the test set
    n_folds: Int = Field(8, ge=2, le=50)


class Featurize(_Section):
    """Settings of the stage `featurize`: which Morgan environments are stored."""

    max_radius: Int = Field(4, ge=0, le=6)  # bonds


Width = Annotated[Int, Field(ge=1, le=8192)]
Bits = Annotated[Int, Field(ge=0, le=1 << 20), AfterValidator(_valid_length)]
Radius = Annotated[Int, Field(ge=0, le=6)]
Layers = Annotated[Int, Field(ge=1, le=8)]
L2 = Annotated[float, Field(gt=0, le=1)]
Rate = Annotated[float, Field(gt=0, le=1)]
Batch = Annotated[Int, Field(ge=1, le=1_000_000)]
Choice = TypeVar("Choice")
Choices = Annotated[tuple[Choice, ...], Field(min_length=1), AfterValidator(_distinct)]


class Search(_Section):
    """Settings of the stage `search`: ranges of the hyperparameters, and number of trials."""

    storage: str = Field("sqlite:///.organode/studies.db", min_length=1)  # Optuna storage
    n_trials: Int = Field(20, ge=1, le=100_000)
    n_folds: Int = Field(2, ge=1, le=50)  # of `Split.n_folds`: each trial is validated on these
    epochs: Int = Field(3, ge=1, le=100_000)  # for each fold
    reduction: Int = Field(3, ge=2, le=100)  # one trial in so many goes on at each rung
    radius: tuple[Radius, Radius] = (0, 1)  # of the Morgan fingerprint, bonds
    n_bits: Choices[Bits] = (0, 1024, 2048, 4096)  # 0: not folded
    counts: Choices[bool] = (True, False)  # counts of environments, or bits
    orbitals: Choices[bool] = (True, False)  # whether frontier orbitals are inputs too
    n_layers: tuple[Layers, Layers] = (1, 3)
    widths: Choices[Width] = (256, 512, 1024)
    dropout: tuple[Fraction, Fraction] = (0.0, 0.4)
    l2: tuple[L2, L2] = (1e-8, 3e-3)
    loss: Choices[Literal["huber", "mse"]] = ("huber", "mse")
    joint: Choices[bool] = (True, False)  # whether a network learns IE and EA together
    learning_rate: tuple[Rate, Rate] = (3e-4, 3e-3)
    batch_size: Choices[Batch] = (64, 128, 256)

    @model_validator(mode="after")
    def _ranges(self) -> Search:
        for name in ("radius", "n_layers", "dropout", "l2", "learning_rate"):
            low, high = getattr(self, name)
            if low > high:
                raise ValueError(f"{name}: the first of the two bounds must not be the larger one")
        return self


class Protocols(_Section):
    """Columns of a table with labels of each target; a column stands for a protocol."""

    IE: tuple[str, ...] = ()
    EA: tuple[str, ...] = ()


class LabelTable(_Section):
    """A table of labels by other protocols, from which networks learn first."""

    path: Path
    columns: Protocols


class Pretrain(_Section):
    """Settings of the stage `pretrain`: which further labels networks learn first."""

    epochs: Int = Field(3, ge=0, le=100_000)  # 0: none
    tables: tuple[LabelTable, ...] = (
        LabelTable(
            path=Path("data/pretraining/molecules.parquet"),
            columns=Protocols(
                IE=("IE", "IE_ipea1", "IE_gfn2"),
                EA=("EA", "EA_ipea1", "EA_gfn2"),
            ),
        ),
        LabelTable(
            path=Path("data/embedded/molecules.csv"),
            columns=Protocols(IE=("IE", "IE_ipea1", "IE_gfn2"), EA=("EA", "EA_ipea1", "EA_gfn2")),
        ),
    )


class Train(_Section):
    """Settings of the stage `train`, which trains the final ensemble."""

    epochs: Int = Field(6, ge=1, le=100_000)
    start: str | None = None  # an earlier model, from whose networks the training goes on


class Calibrate(_Section):
    """Settings of the stage `calibrate`, which fits the conversion of energies to potentials."""

    measured: Path = Path("data/measured/potentials.csv")  # one redox potential per row
    # Labels of the embedded set's protocol; those of a tenth of the scaffolds are not learned.
    held_out: Path = Path("data/pretraining/molecules.parquet")


class Stability(_Section):
    """Settings of the stage `stability`: data on radical ions, besides `Calibrate.measured`."""

    couples: Path = Path("data/measured/reversibility.csv")  # observed to be reversible or not
    ions: Path = Path("data/embedded/ions.parquet")  # ions that xTB relaxed


class Evaluate(_Section):
    """Settings of the stage `evaluate`: an error bar that is the same for all molecules."""

    margin_sd: float = Field(2.0, ge=0, le=10)  # error bar = MAE + this × SD of the absolute error


class Package(_Section):
    """Settings of the stage `package`: the small network (student) that imitates an ensemble."""

    widths: Annotated[tuple[Int, ...], Field(min_length=1)] = (512, 512)  # of the hidden layers
    epochs: Int = Field(12, ge=1, le=1_000)  # passes over the unlabelled molecules


class CustomSolvent(_Section):
    """A solvent that the user adds: potentials at which it decomposes, in V vs `reference`."""

    title: str = ""
    reduction: float = Field(ge=-10, le=10)
    oxidation: float = Field(ge=-10, le=10)
    reference: str = "Li/Li+"
    protic: bool = False
    kind: str = Field(min_length=1)  # of the limits, such as measured
    source: str = Field(min_length=1)  # of the numbers, such as a citation


class CustomCollector(_Section):
    """A current collector that the user adds; stable from `low` to `high`, in V vs `reference`."""

    low: float = Field(ge=-10, le=10)
    high: float = Field(ge=-10, le=10)
    reference: str = "Li/Li+"
    kind: str = Field(min_length=1)  # of the limits, such as measured
    source: str = Field(min_length=1)  # of the numbers, such as a citation


class Filter(_Section):
    """Requirements of a candidate besides its potentials; null or empty means no requirement."""

    avoid_elements: Annotated[tuple[str, ...], AfterValidator(_distinct)] = ()
    motifs: Annotated[tuple[str, ...], AfterValidator(_distinct)] = ()  # accepted families
    no_alerts: bool = False  # whether molecules with a structural alert are rejected
    max_sa_score: float | None = Field(None, ge=1, le=10)  # synthetic accessibility, 1 is easy
    min_capacity: float | None = Field(None, ge=0)  # mAh/g


class Wanted(_Section):
    """Wanted potentials of p- or n-type molecules, V vs Li/Li+; null means the cell's default."""

    low: float | None = Field(None, ge=-4, le=10)
    high: float | None = Field(None, ge=-4, le=10)
    partner: float | None = Field(None, ge=-4, le=10)  # potential of the other electrode


# By type of cell, what it is usually made of: a flow cell of acetonitrile and carbon felts; against
# lithium a carbonate, since acetonitrile forms no film that protects the metal.
USUAL = {
    "flow": {"solvent": "ACN", "collector": "carbon", "negative_collector": "carbon"},
    "metal": {"solvent": "EC", "collector": "Al", "negative_collector": "Cu"},
    "symmetric": {"solvent": "ACN", "collector": "carbon", "negative_collector": "carbon"},
}


class Screen(_Section):
    """Settings of the stage `screen`: library, cell, and criteria for candidates.

    A solvent or collector that is None is the usual one of the type of cell, in `USUAL`.
    """

    library: Path = Path("data/embedded/library.csv")
    solvent: str = Field("", min_length=1)  # code, as in solvents.csv
    collector: str = Field("", min_length=1)  # of the positive electrode
    negative_collector: str = Field("", min_length=1)
    solvents: dict[str, CustomSolvent] = {}
    collectors: dict[str, CustomCollector] = {}
    reference: str = Field("Li/Li+", min_length=1)  # electrode of all potentials in the results
    absolute_li: float = Field(1.40, gt=0, lt=3)  # V, potential of Li/Li+ vs vacuum
    cell: Literal["flow", "metal", "symmetric"] = "flow"  # metal: against lithium
    roles: dict[Literal["p", "n"], Wanted] = {}  # p gives off electrons, n takes them up
    margin: Literal["interval", "thesis"] = "interval"  # error bar of each molecule, or one for all
    level: float = Field(0.95, gt=0, lt=1)  # nominal coverage of the error bars
    in_domain: bool = True  # whether molecules unlike the training data are left out
    tiers: Annotated[
        tuple[Literal["fine", "caution", "fatal"], ...],
        Field(min_length=1),
        AfterValidator(_distinct),
    ] = ("fine", "caution")  # accepted verdicts of rules on the stability of the ion
    filter: Filter = Filter()
    in_full: Int = Field(100_000, ge=0)  # rows; of longer libraries the models predict a part
    keep: Int = Field(1_000, ge=1, le=10_000)  # best p- and best n-type candidates in the results
    top: Int = Field(50, ge=1, le=1_000)  # dissimilar candidates that are drawn

    @model_validator(mode="before")
    @classmethod
    def _usual(cls, given: Any) -> Any:
        """Fill in the solvent and collectors that are usual for the type of cell."""
        cell = given.get("cell", "flow") if isinstance(given, Mapping) else None
        if not isinstance(cell, str) or cell not in USUAL:
            return given  # which the fields' own checks refuse
        stated = {name: value for name, value in given.items() if value is not None}
        return {**given, **USUAL[cell], **stated}


class Settings(_Section):
    """All settings of `params.yaml`: targets, random seed, and a section for each stage."""

    targets: Choices[Target] = ("IE", "EA")
    seed: Int = Field(20, ge=0, lt=2**31)
    fetch: Fetch = Fetch()
    curate: Curate = Curate()
    split: Split = Split()
    featurize: Featurize = Featurize()
    search: Search = Search()
    pretrain: Pretrain = Pretrain()
    train: Train = Train()
    calibrate: Calibrate = Calibrate()
    stability: Stability = Stability()
    evaluate: Evaluate = Evaluate()
    screen: Screen = Screen()
    package: Package = Package()

    @model_validator(mode="after")
    def _agree(self) -> Settings:
        if self.search.n_folds > self.split.n_folds:
            raise ValueError(
                f"search.n_folds = {self.search.n_folds} is more than "
                f"split.n_folds = {self.split.n_folds}: choose at most that many"
            )
        if self.search.radius[1] > self.featurize.max_radius:
            raise ValueError(
                f"search.radius goes to {self.search.radius[1]}, beyond "
                f"featurize.max_radius = {self.featurize.max_radius}: raise the latter"
            )
        return self


# Keys of earlier versions, and what to do instead.
REPLACED = {
    "curate.yardstick": "it is curate.xtb_reference now",
    "screen.positive_above": "it is screen.roles.p.low now",
    "screen.negative_below": "it is screen.roles.n.high now",
    "screen.partner_of_positive": "it is screen.roles.p.partner now",
    "screen.partner_of_negative": "it is screen.roles.n.partner now",
    "screen.electrons": "leave it out; each molecule's own electrons are counted now, those whose "
    "potentials lie inside the window",
}


PARAMS = Path("params.yaml")  # if it does not exist, the defaults are used


def load_settings(path: Path = PARAMS, overrides: Sequence[str] = ()) -> Settings:
    """Read and check the settings.

    Parameters
    ----------
    path : Path
        A YAML file whose keys are the sections of `Settings`; keys that are left out keep their
        defaults.
    overrides : sequence of str
        Texts such as ``search.epochs=10``, the value in YAML; each replaces a value of the file.

    Returns
    -------
    Settings
        All settings, validated and immutable.

    Raises
    ------
    UsageError
        If a file other than ``params.yaml`` is missing, the file is not YAML, a key is unknown, or
        a value has the wrong type or is out of range. The message names key and allowed values.
    """
    content = _content(path) if path.exists() or path != PARAMS else None
    content = {} if content is None else content
    if not isinstance(content, dict):
        kind = "list" if isinstance(content, list) else type(content).__name__
        raise UsageError(f"{path} must hold sections such as 'fetch:', not a {kind}")
    for override in overrides:
        keep_secret(override)  # an address may hold a password
        _override(content, override)
    search = content.get("search")
    keep_secret(str(search.get("storage")) if isinstance(search, dict) else "")
    return checked(content, str(path))


def checked(content: dict[str, Any], source: str = "settings") -> Settings:
    """Validate settings and fill in the defaults.

    Parameters
    ----------
    content : dict
        Settings such as ``{"search": {"epochs": 10}}``; a key that is left out keeps its default.
    source : str
        Origin of the settings, such as a file name; error messages begin with this text.

    Raises
    ------
    UsageError
        If a key is unknown, or a value has the wrong type or is out of range.
    """
    try:
        return Settings.model_validate(content)
    except ValidationError as error:
        raise UsageError(f"{source}: {problems(error, Settings, REPLACED)}") from error


def _content(path: Path) -> Any:
    try:
        with open(path, "rb") as stream:
            raw = stream.read(MAX_LENGTH + 1)
    except OSError as error:
        raise UsageError(
            f"cannot read {path}: {error.strerror}; run from the project's folder"
        ) from error
    if len(raw) > MAX_LENGTH:
        raise UsageError(f"{path} is longer than {MAX_LENGTH:,} bytes: settings are a page of text")
    try:
        return read_yaml(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{path} is not UTF-8 text (line {line}): save it as UTF-8") from error
    except YamlError as error:
        raise UsageError(f"{path} {error}: correct it") from error


def _override(content: dict[str, Any], override: str) -> None:
    key, equals, text = override.partition("=")
    if not equals or not key:
        raise UsageError(f"--set {shown(override)}: write it as section.key=value")
    try:
        value = read_yaml(text)
    except YamlError as error:
        raise UsageError(f"--set {key}: '{shown(text)}' {error}") from error
    *parents, last = key.split(".")
    if len(parents) > MAX_DEPTH:
        raise UsageError(f"--set {shown(key)}: no key lies that deep")
    for parent in parents:
        content = content.setdefault(parent, {})
        if not isinstance(content, dict):
            raise UsageError(f"--set {shown(override)}: '{parent}' is not a section")
    content[last] = value
