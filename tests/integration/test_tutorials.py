"""The notebooks of the documentation run as they stand."""

import nbformat
import pytest
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient

from helpers import ROOT, environment

TUTORIALS = ROOT / "docs/tutorials"
FEW_SECONDS, LONG = ["first-steps"], ["error-bars", "own-data", "screening"]


def outputs_of(name, folder):
    """Run a notebook in an empty folder, and return the outputs of its cells."""
    notebook = nbformat.read(TUTORIALS / f"{name}.ipynb", as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells), "commit it without outputs"
    kernel = KernelManager(transport="ipc", connection_file=str(folder / "kernel.json"))
    client = NotebookClient(
        notebook, km=kernel, timeout=900, resources={"metadata": {"path": str(folder)}}
    )
    try:
        client.execute(env=environment(ORGANODE_DATA=str(ROOT / "data")))
    finally:
        kernel.shutdown_kernel(now=True)
    return [cell.outputs for cell in notebook.cells if cell.cell_type == "code"]


@pytest.mark.parametrize(
    "name", [*FEW_SECONDS, *(pytest.param(name, marks=pytest.mark.slow) for name in LONG)]
)
def test_notebook_runs_and_shows_results(name, tmp_path):
    outputs = outputs_of(name, tmp_path)
    shown = [each["data"] for cell in outputs for each in cell if "data" in each]
    assert any("<table" in data.get("text/html", "") for data in shown)
    if name != "own-data":
        assert any("image/svg+xml" in data for data in shown)


def test_each_notebook_is_tested():
    assert sorted(path.stem for path in TUTORIALS.glob("*.ipynb")) == sorted(FEW_SECONDS + LONG)
