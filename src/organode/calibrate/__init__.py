"""The error bars and the laboratory scale of one target's ensemble."""

from pathlib import Path

from organode import uncertainty
from organode.checksums import CHECKSUMS
from organode.electrochemistry import scale

CONTENT = (*uncertainty.FILES, *scale.FILES)
FILES = (*CONTENT, CHECKSUMS)


def uncertainty_folder(target: str) -> Path:
    """Return where `calibrate` writes a target's error bars and scale."""
    return Path("results/calibrate") / target
