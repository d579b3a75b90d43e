"""The k-fold ensemble, trained with the settings that the search found."""

from pathlib import Path

from organode.checksums import CHECKSUMS, Checked

RESULTS = Path("results/train")
CURVES = "curves.csv"
TRAINING = "training.json"
SCRAMBLED = "scrambled.json"
MODEL_FILES = (
    "ensemble.json", "inputs.npz", "fold-*.npz", CURVES, TRAINING, SCRAMBLED, CHECKSUMS
)  # fmt: skip


def stored(folder: Path) -> Checked:
    """Return what `train` wrote into a folder, checked as it is read.

    Raises
    ------
    OrganodeError
        If its checksums are damaged.
    """
    return Checked.open(folder, "run `organode train` or `dvc repro` again", needed=False)


def model_folder(target: str) -> Path:
    """Return where `train` puts a target's ensemble."""
    return RESULTS / target
