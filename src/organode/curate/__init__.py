"""From the raw table to one clean row for each structure; every rejected row with its reason."""

from pathlib import Path

CURATED = Path("data/curated/molecules.parquet")
TARGETS = ("IE", "EA")
COLUMNS = ["row", "smiles", *TARGETS]
SUMMARY = Path("results/curate/summary.json")
OK = "ok"  # the column `quality` of a row against which nothing speaks
