"""The k-fold ensemble, trained with the settings that the search found."""

from pathlib import Path

RESULTS = Path("results/train")
CURVES = "curves.csv"
RUN = "run.json"
SCRAMBLED = "scrambled.json"
MODEL_FILES = ("ensemble.json", "inputs.npz", "fold-*.npz", CURVES, RUN, SCRAMBLED)


def model_folder(target: str) -> Path:
    """Return where `train` puts a target's ensemble."""
    return RESULTS / target
