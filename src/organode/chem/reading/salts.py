"""Find the parent of a salt or hydrate: the molecule or cation without counter-ions and water.

Catalogues often list a base as its hydrochloride and an acid as its sodium salt, but in a battery,
the base or acid itself is oxidised and reduced. Energies are therefore computed and predicted for
the neutral parent, or for a cation that has no neutral form, such as a viologen. The acid's proton,
though, is not in a cell with its metal salt: the stability of ions is judged by the anion
(`organode.chem.in_cell`). A salt or cluster in the training data is not replaced by its parent,
since the energy in such a row is that of the whole salt or cluster; curation rejects the row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rdkit import Chem, rdBase
from rdkit.Chem import rdMolDescriptors

from organode.chem.molecule import flat_smiles

# Counter-ions, and water, that may be removed from a salt: SMILES in the neutral form if there is
# one, and name in notes. Of the organic acids only strong ones, which form salts with bases, are
# here: a weaker acid or an organic solvent may be the molecule that is meant.
CARBON = 6  # atomic number
METALS = ("Li", "Na", "K", "Rb", "Cs", "Mg", "Ca", "Sr", "Ba", "Zn")
COUNTER_IONS = {
    **{f"[{metal}]": metal for metal in METALS},
    "N": "NH3", "O": "water", "F": "HF", "Cl": "HCl", "Br": "HBr", "I": "HI",
    "O=S(=O)(O)O": "H2SO4", "O=[N+]([O-])O": "HNO3", "O=P(O)(O)O": "H3PO4",
    "[O-][Cl+3]([O-])([O-])O": "HClO4", "F[B-](F)(F)F": "BF4", "F[P-](F)(F)(F)(F)F": "PF6",
    "F[As-](F)(F)(F)(F)F": "AsF6", "[F][Sb-]([F])([F])([F])([F])[F]": "SbF6",
    "[Cl][Sb-]([Cl])([Cl])([Cl])([Cl])[Cl]": "SbCl6",
    "CS(=O)(=O)O": "methanesulfonic acid", "Cc1ccc(S(=O)(=O)O)cc1": "p-toluenesulfonic acid",
    "O=S(=O)(O)C(F)(F)F": "triflic acid", "O=C(O)C(F)(F)F": "trifluoroacetic acid",
    "O=S(=O)(NS(=O)(=O)C(F)(F)F)C(F)(F)F": "HTFSI", "O=S(=O)(F)NS(=O)(=O)F": "HFSI",
}  # fmt: skip
# With a cation that has no neutral form, anions of weaker acids may be removed, too. Keys are again
# neutral forms where there are any; values are the names of the anions.
ANIONS = {
    "F": "fluoride", "Cl": "chloride", "Br": "bromide", "I": "iodide",
    "O=S(=O)(O)O": "sulfate", "O=[N+]([O-])O": "nitrate", "O=P(O)(O)O": "phosphate",
    "[O-][Cl+3]([O-])([O-])O": "perchlorate", "CS(=O)(=O)O": "methanesulfonate",
    "Cc1ccc(S(=O)(=O)O)cc1": "tosylate", "O=S(=O)(O)C(F)(F)F": "triflate",
    "O=C(O)C(F)(F)F": "trifluoroacetate", "O=S(=O)(NS(=O)(=O)C(F)(F)F)C(F)(F)F": "TFSI",
    "O=S(=O)(F)NS(=O)(=O)F": "FSI", "CC(=O)O": "acetate", "O=CO": "formate",
    "COS(=O)(=O)O": "methyl sulfate", "CCOS(=O)(=O)O": "ethyl sulfate",
    "c1ccc([B-](c2ccccc2)(c2ccccc2)c2ccccc2)cc1": "tetraphenylborate",
    "N#C[B-](C#N)(C#N)C#N": "tetracyanoborate", "N#CNC#N": "dicyanamide",
    "N#CS": "thiocyanate", "[N-]=[N+]=[N-]": "azide", "I[IH]I": "triiodide", "O=C(O)O": "carbonate",
    "O=C(O)C(=O)O": "oxalate", "O=C(O)c1ccccc1": "benzoate",
    "O=S(=O)(O)c1ccccc1": "benzenesulfonate",
    "FC(F)(F)c1cc([B-](c2cc(C(F)(F)F)cc(C(F)(F)F)c2)(c2cc(C(F)(F)F)cc(C(F)(F)F)c2)c2cc(C(F)(F)F)"
    "cc(C(F)(F)F)c2)cc(C(F)(F)F)c1": "BArF",
}  # fmt: skip


@dataclass(frozen=True)
class Parent:
    """What is left of a salt or hydrate without counter-ions and water: a molecule or cation.

    Attributes
    ----------
    molecule : Chem.Mol
        The parent; charged only if it has no neutral form, like quaternary ammonium and viologens.
    note : str
        Text for the user, with the SMILES of the parent and the names of what was removed.
    anion : str
        SMILES of the anion whose acid the parent is, if a metal was its counter-ion; else empty.
    mass : float
        Molar mass of the salt, g/mol, divided by the number of parents in it, if the parent is a
        cation or has an `anion`; else 0, as the parent itself is weighed.
    """

    molecule: Chem.Mol
    note: str
    anion: str = ""
    mass: float = 0.0


def parent(molecule: Chem.Mol) -> Parent | None:
    """Return the parent of a salt or hydrate: what is left without counter-ions and water.

    None is returned if the molecule is neither a salt nor a hydrate, has a net charge, or does not
    have exactly one possible parent; several copies of the same parent count as one parent. Protons
    are moved only between a parent and its counter-ions, so a zwitterion without counter-ions is
    not changed, and None is returned.
    """
    from rdkit.Chem.MolStandardize import rdMolStandardize

    if any(atom.GetSymbol() in METALS and atom.GetDegree() for atom in molecule.GetAtoms()):
        molecule = rdMolStandardize.MetalDisconnector().Disconnect(molecule)
        Chem.FastFindRings(molecule)  # which `Disconnect` forgets
    if Chem.GetFormalCharge(molecule):
        return None
    parts = Chem.GetMolFrags(molecule, asMols=True)
    # Bare protons are left out: below, each anion is neutralised by adding protons.
    fragments = [part for part in parts if _name(part) != "[H+]"]
    if len(fragments) < 2 or _is_no_salt(molecule):
        return None
    neutral = [_neutral(fragment) for fragment in fragments]
    names = [_name(fragment) for fragment in neutral]
    charged = {
        name
        for name, fragment in zip(names, neutral, strict=True)
        if Chem.GetFormalCharge(fragment) > 0 and name not in COUNTER_IONS
    }
    if charged:
        return _cation(charged, names, neutral, _mass(molecule))
    if _is_a_mixture(fragments, names):
        return None
    rest = {name for name in names if name not in COUNTER_IONS}
    if not rest:  # the parent is itself a strong organic acid
        rest = {
            name
            for name, fragment in zip(names, neutral, strict=True)
            if any(atom.GetAtomicNum() == CARBON for atom in fragment.GetAtoms())
        }
    removed = {COUNTER_IONS[name] for name in names if name not in rest}
    if len(rest) != 1 or not removed:
        return None
    (name,) = rest
    kind = "hydrate" if removed == {"water"} else "salt"
    note = f"{kind}: answered for the neutral parent {name}; removed {', '.join(sorted(removed))}"
    place = names.index(name)
    anion, mass = "", 0.0
    if not removed.isdisjoint(METALS) and Chem.GetFormalCharge(fragments[place]) < 0:
        anion, mass = flat_smiles(fragments[place]), _mass(molecule) / names.count(name)
        note += (
            "; stability is the anion's, whose potentials are below those of its acid, given here"
        )
    return Parent(neutral[place], note, anion, mass)


def _mass(molecule: Chem.Mol) -> float:
    return float(rdMolDescriptors._CalcMolWt(molecule))


def _cation(
    charged: set[str], names: Sequence[str], neutral: Sequence[Chem.Mol], mass: float
) -> Parent | None:
    """Return the parent of a salt whose cation has no neutral form, or None.

    None is returned if there are several such cations, or if a further fragment is not a known
    counter-ion or water. `charged`: canonical SMILES of the cations without a neutral form;
    `names`, `neutral`: canonical SMILES and molecule of each fragment, neutralised if possible;
    `mass`: molar mass of the salt, g/mol.
    """
    known = {**COUNTER_IONS, **ANIONS}
    removed = {known.get(name, "") for name in names if name not in charged}
    if len(charged) != 1 or "" in removed:
        return None
    (name,) = charged
    note = f"salt: answered for the cation {name}; removed {', '.join(sorted(removed))}"
    return Parent(neutral[names.index(name)], note, mass=mass / names.count(name))


# An uncharged metal atom beside a molecule means a reduced species or a cluster; a carbanion or a
# complex of a metal with nitrogen is not a salt of the protonated molecule.
ALKALI = frozenset(("Li", "Na", "K", "Rb", "Cs"))
ACIDIC = Chem.MolFromSmarts(
    "[$([OX2H][C,S,P]=[O,S]),$([OX2H]c),$([SX2H]),$([NX3;H1,H2]([C,S]=O)[C,S]=O),$([NX3H2]S(=O)=O)]"
)
COMPLEXING = frozenset(("Mg", "Zn"))
CARBANION = Chem.MolFromSmarts("[#6-;!$([#6-]~[+])]")
AMIDE_IN_RING = Chem.MolFromSmarts("[n-,$([N-]@*)]")
BASIC = Chem.MolFromSmarts("[$([NX3;!$(N[C,S,P]=[O,S,N]);!$(N-N=O)]),$([nX2]),$([NX2]=C)]")


def _is_no_salt(molecule: Chem.Mol) -> bool:
    """Return whether a species of several fragments cannot be a salt.

    The species is no salt if it has a carbanion, if it has magnesium or zinc and a negative
    nitrogen in a ring (a metal complex), or if it has fewer acidic groups than are needed to turn
    its uncharged metal atoms into ions.
    """
    metals = [atom for atom in molecule.GetAtoms() if atom.GetSymbol() in METALS]
    bare = [atom for atom in metals if not atom.GetFormalCharge()]
    lost = sum(1 if atom.GetSymbol() in ALKALI else 2 for atom in bare)
    complexes = any(atom.GetSymbol() in COMPLEXING for atom in metals)
    return (
        molecule.HasSubstructMatch(CARBANION)
        or (complexes and molecule.HasSubstructMatch(AMIDE_IN_RING))
        or (lost > 0 and len(molecule.GetSubstructMatches(ACIDIC)) < lost)
    )


def _is_a_mixture(fragments: Sequence[Chem.Mol], names: Sequence[str]) -> bool:
    """Return whether the fragments are a mixture, that is, can form neither a salt nor a hydrate.

    `names`: canonical SMILES of each fragment in its neutral form. Fragments in `COUNTER_IONS` are
    possible counter-ions or water. Other fragments can form a hydrate with water, a salt with
    metals, and, if acidic, a salt with ammonia; if basic or charged, they can form a salt with any
    counter-ion.
    """
    rest = [
        fragment
        for fragment, name in zip(fragments, names, strict=True)
        if name not in COUNTER_IONS
    ]
    removed = [name for name in names if name in COUNTER_IONS]
    if not rest or set(removed) == {"O"}:
        return False
    if all(name[1:-1] in METALS for name in removed):
        return False  # metals beside an acid
    acidic = any(fragment.HasSubstructMatch(ACIDIC) for fragment in rest)
    if acidic and all(name in ("N", "O") or name[1:-1] in METALS for name in removed):
        return False  # ammonia, water or metals beside an acid
    charged = any(Chem.GetFormalCharge(fragment) for fragment in rest)
    basic = any(fragment.HasSubstructMatch(BASIC) for fragment in rest)
    return not charged and not basic


def _neutral(fragment: Chem.Mol) -> Chem.Mol:
    """Return a fragment, neutralised by adding or removing protons if this is possible.

    Ions such as PF6⁻ are not changed. A cation with anionic groups is not changed if adding protons
    to these groups would only raise its net charge.
    """
    from rdkit.Chem.MolStandardize import rdMolStandardize

    if _name(fragment) in COUNTER_IONS or not Chem.GetFormalCharge(fragment):
        return fragment
    uncharger = rdMolStandardize.Uncharger(canonicalOrder=True, force=False, protonationOnly=True)
    with rdBase.BlockLogs():
        neutral: Chem.Mol = uncharger.uncharge(fragment)
    # The sulfonate groups of a cation would become acids; in a battery they are anionic.
    more = Chem.GetFormalCharge(neutral) > max(Chem.GetFormalCharge(fragment), 0)
    return fragment if more else neutral


def _name(fragment: Chem.Mol) -> str:
    """Return the canonical SMILES of a fragment, without stereo.

    A metal atom or ion in `METALS` is written without charge: ``[Na]`` for sodium and for Na⁺.
    """
    symbol = fragment.GetAtomWithIdx(0).GetSymbol()
    if fragment.GetNumAtoms() == 1 and symbol in METALS:
        return f"[{symbol}]"
    return flat_smiles(fragment)
