"""Draw structures in which each group is coloured by its share in a redox potential."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rdkit import Chem
from rdkit.Chem import rdDepictor
from rdkit.Chem.Draw import rdMolDraw2D

from organode.chem.drawing import PICTURE

RAISES, LOWERS = (0.20, 0.55, 0.90), (0.95, 0.55, 0.20)  # red, green, blue; 0 to 1
FULL = 0.4  # V: a share of this or more has the full colour
FAINTEST = 0.15  # of the full colour


def coloured(why: Mapping[str, Any]) -> str:
    """Draw a molecule as an ``<svg>`` element, each group coloured by its share in a potential.

    A group that raises the potential is blue, a group that lowers the potential is orange. The
    larger the share, the stronger the colour.

    Parameters
    ----------
    why : mapping
        As from `organode.compare.explanation.Explanation.as_dict`: `molecule` (SMILES), and
        `groups`, each with `atoms` (indices in the molecule) and `volts` (share of the group, V).
    """
    molecule = Chem.MolFromSmiles(why["molecule"])
    rdDepictor.Compute2DCoords(molecule)
    colours = {atom: _colour(group["volts"]) for group in why["groups"] for atom in group["atoms"]}
    bonds = [
        bond.GetIdx()
        for bond in molecule.GetBonds()
        if {bond.GetBeginAtomIdx(), bond.GetEndAtomIdx()} <= set(colours)
    ]
    drawer = rdMolDraw2D.MolDraw2DSVG(*PICTURE)
    options: Any = drawer.drawOptions()  # RDKit's type hints lack its settable fields
    options.clearBackground = False
    options.padding = 0.06
    rdMolDraw2D.PrepareAndDrawMolecule(
        drawer, molecule, highlightAtoms=list(colours), highlightAtomColors=colours,
        highlightBonds=bonds,
        highlightBondColors={
            bond: colours[molecule.GetBondWithIdx(bond).GetBeginAtomIdx()] for bond in bonds
        },
    )  # fmt: skip
    drawer.FinishDrawing()
    text: str = drawer.GetDrawingText()
    return text[text.index("<svg") :]


def _colour(volts: float) -> tuple[float, float, float]:
    """Return the colour (red, green, blue, each 0 to 1) of a group with a share of `volts`, V.

    The smaller the share, the paler the colour.
    """
    strength = max(min(abs(volts) / FULL, 1.0), FAINTEST)
    full = RAISES if volts > 0 else LOWERS
    red, green, blue = (1 - strength * (1 - part) for part in full)
    return red, green, blue
