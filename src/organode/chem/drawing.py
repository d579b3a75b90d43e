"""Drawings of structures as SVG."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup
from rdkit import Chem, rdBase
from rdkit.Chem import rdDepictor
from rdkit.Chem.Draw import rdMolDraw2D

from organode.chem import MoleculeError, structure

PICTURE = (220, 150)  # pixels


def draw(smiles: str) -> Markup:
    """Return the drawing of a structure as an ``<svg>`` element, safe to insert into HTML.

    `smiles` may also be an InChI or a name; no part of this text is in the drawing. A SMILES with
    impossible valences is drawn as written; an unreadable text gives an empty string.
    """
    molecule = _as_written(smiles)
    if molecule is None:
        try:
            molecule = Chem.Mol(structure(smiles, flat=False)[0])  # InChI or a name
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


def _as_written(text: str) -> Chem.Mol | None:
    """Parse a SMILES, even with impossible valences; return None if the text is not a SMILES."""
    # Of other texts RDKit would read the beginning: of 'CS gas' the first word.
    further = text.split(None, 1)[1:]
    if not text.isascii() or (further and not further[0].startswith("|")):
        return None
    with rdBase.BlockLogs():
        molecule: Chem.Mol | None = Chem.MolFromSmiles(text)
        return molecule or Chem.MolFromSmiles(text, sanitize=False)


def _kekulizable(molecule: Chem.Mol) -> bool:
    try:
        with rdBase.BlockLogs():
            Chem.Kekulize(Chem.Mol(molecule))
    except Chem.KekulizeException:
        return False
    return True
