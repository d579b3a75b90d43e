"""What the HTML reports share: one file that opens offline, its style, drawn structures."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from rdkit import Chem, rdBase
from rdkit.Chem import rdDepictor
from rdkit.Chem.Draw import rdMolDraw2D

from organode import __version__
from organode.chem import MoleculeError, structure

PICTURE = (220, 150)  # pixels


def render(package: str, **content: Any) -> str:
    """Fill the template ``report.html.j2`` of a package; every text from the input is escaped.

    The template also gets `style` (of all reports) and `version`.
    """
    environment = Environment(
        loader=PackageLoader(package, "."), autoescape=True, undefined=StrictUndefined
    )
    style = Markup((files("organode.html") / "style.css").read_text(encoding="utf-8"))
    template = environment.get_template("report.html.j2")
    return template.render(style=style, version=__version__, **content)


def draw(smiles: str) -> Markup:
    """Return a structure as an ``<svg>`` element; holds no text from the input.

    A structure with impossible valences is drawn as it stands; nothing is drawn for a text that
    is no SMILES at all.
    """
    with rdBase.BlockLogs():
        sane = Chem.MolFromSmiles(smiles)
        molecule: Chem.Mol | None = sane or Chem.MolFromSmiles(smiles, sanitize=False)
    if molecule is None:
        try:
            molecule = Chem.Mol(structure(smiles, flat=False)[0])  # InChI, a name
        except MoleculeError:
            return Markup("")
    molecule.UpdatePropertyCache(strict=False)
    rdDepictor.Compute2DCoords(molecule)
    drawer = rdMolDraw2D.MolDraw2DSVG(*PICTURE)
    options: Any = drawer.drawOptions()  # RDKit's type hints lack its settable fields
    options.clearBackground = False
    options.padding = 0.06
    options.prepareMolsBeforeDrawing = False
    drawer.DrawMolecule(rdMolDraw2D.PrepareMolForDrawing(molecule, kekulize=_kekulizable(molecule)))
    drawer.FinishDrawing()
    text = drawer.GetDrawingText()
    return Markup(text[text.index("<svg") :])


def _kekulizable(molecule: Chem.Mol) -> bool:
    try:
        with rdBase.BlockLogs():
            Chem.Kekulize(Chem.Mol(molecule))
    except Chem.KekulizeException:
        return False
    return True
