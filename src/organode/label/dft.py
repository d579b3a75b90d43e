"""Compute labels by B3LYP/6-31+G(d), the level of theory of the Materials Project's molecules.

The labels of a molecule are its ionization energy (IE) and its electron affinity (EA).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from rdkit import Chem

from organode.errors import UsageError, missing_extra
from organode.label.geometry.bonds import check_bonds
from organode.label.geometry.relaxation import ChargeState, Relaxed
from organode.label.ions.relaxed import geometries
from organode.label.record import HARTREE, LabelError, check_energies
from organode.label.singlepoint import Medium, atomic_numbers
from organode.label.xtb import ground_states, relaxed

# The B3LYP of Gaussian and Q-Chem, with the VWN functional fitted to the random phase approximation
# (VWN3 in Gaussian, VWN1RPA in Q-Chem). Its meaning does not depend on pyscf's settings.
FUNCTIONAL = "b3lypg"
# With spherical d functions; Cartesian d functions, as in Q-Chem, change IE and EA by less than
# 2 meV.
BASIS = "6-31+g(d)"
WITHOUT_BASIS = ("Br",)  # elements for which pyscf lacks this basis
MAX_HEAVY_ATOMS = 18  # take 50 CPU seconds (12 atoms: 15), or twice as long with relaxed ions

# Radial and angular points of an atom's integration grid, by row of the periodic table. With
# treutler_prune, IE and EA differ by at most 3 meV from values on fine grids, or by 5 meV where the
# anion is not bound. pyscf's grid of level 0 has a fifth fewer points, and differences of 10 meV.
ROW_2, ROW_3, HYDROGEN = (20, 110), (30, 110), (15, 50)
POINTS = {"default": ROW_2, "H": HYDROGEN, "Si": ROW_3, "P": ROW_3, "S": ROW_3, "Cl": ROW_3}
# Convergence limits in hartree. A further iteration changes IE and EA by less than 1 meV.
ENERGY_CHANGE, GRADIENT = 1e-5, 3e-3
MAX_ITERATIONS = 60

DEFAULT_SOLVENT = "acetonitrile"  # for the geometries of ions, by ALPB, if no solvent is named
SIGNS = {"IE": 1, "EA": -1}  # label = sign × (E(ion) − E(species))

PERMITTIVITY = {"water": 78.3553, "acetonitrile": 35.688}  # at 25 °C, as in Gaussian and Q-Chem
# 194 surface points per atom; with 302, the default of pyscf and Q-Chem, IE and EA change by 3 meV.
LEBEDEV_ORDER = 23


@dataclass(frozen=True)
class DftLabel:
    """IE and EA of a species (molecule or ion) by B3LYP, in eV vs vacuum.

    A value is None if the computation failed for the ion that the value needs.

    Attributes
    ----------
    IE, EA : float or None
        ``E(oxidised) − E(species)`` and ``E(species) − E(reduced)``: adiabatic values if these were
        asked for, otherwise vertical values.
    IE_vertical, EA_vertical : float or None
        Vertical IE and EA: the same differences with the ions at the species' geometry.
    status : str
        ``ok``, or the ions whose computation failed, each with the reason.
    """

    IE: float | None
    EA: float | None
    IE_vertical: float | None
    EA_vertical: float | None
    status: str


def check(solvent: str | None) -> None:
    """Check that labels by B3LYP can be computed in a solvent; None means the gas phase.

    Raises
    ------
    UsageError
        If pyscf is not installed, or the solvent is neither ``water`` nor ``acetonitrile``.
    """
    try:
        import pyscf  # noqa: F401
    except ImportError as error:
        raise missing_extra("pyscf", "dft") from error
    if solvent and solvent not in PERMITTIVITY:
        raise UsageError(
            f"no solvent '{solvent}' at the level b3lyp: choose {' or '.join(PERMITTIVITY)}"
        )


def check_molecule(molecule: Chem.Mol) -> None:
    """Check that a molecule is small enough and has basis functions for all its elements.

    Raises
    ------
    LabelError
        If the molecule has more than 18 heavy atoms (`MAX_HEAVY_ATOMS`), or an element for which
        the basis set lacks basis functions.
    """
    heavy = molecule.GetNumHeavyAtoms()
    if heavy > MAX_HEAVY_ATOMS:
        raise LabelError(f"{heavy} heavy atoms, more than b3lyp takes ({MAX_HEAVY_ATOMS})")
    for atom in molecule.GetAtoms():
        if atom.GetSymbol() in WITHOUT_BASIS:
            raise LabelError(f"no 6-31+G(d) basis functions for {atom.GetSymbol()}")


def label(molecule: Chem.Mol, solvent: str | None = None, *, adiabatic: bool = False) -> DftLabel:
    """Compute IE and EA of a species (molecule or ion) by B3LYP/6-31+G(d).

    IE and EA are differences of self-consistent energies (ΔSCF) at GFN2-xTB geometries, computed
    with density fitting: by restricted Kohn-Sham theory for closed shells, and by unrestricted
    Kohn-Sham theory for open shells. For vertical IE and EA, the ions have the geometry of the
    species. In contrast, the Materials Project's labels are adiabatic, with IEF-PCM in water and
    geometries relaxed by B3LYP (Qu et al., Comput. Mater. Sci. 103, 2015, 56, doi
    10.1016/j.commatsci.2015.02.050).

    Parameters
    ----------
    molecule : Chem.Mol
        A single molecule or ion of any charge, without explicit hydrogens. The species and its ions
        get the numbers of unpaired electrons that have the lowest energy by spin-polarised GFN2-xTB
        (`organode.label.xtb.ground_states`).
    solvent : str, optional
        ``water`` or ``acetonitrile``, modelled by IEF-PCM in equilibrium with each charge state;
        gas phase when omitted.
    adiabatic : bool
        Compute adiabatic IE and EA: relax the species and its ions by GFN2-xTB with ALPB in the
        solvent. When `solvent` is omitted, species and ions are relaxed in acetonitrile, because
        some anions are bound in acetonitrile but not in the gas phase; the B3LYP energies are still
        computed in the gas phase. An ion whose B3LYP energy is not lower after relaxation keeps the
        species' geometry: some ions, above all cations of carbonyl compounds, are relaxed by
        GFN2-xTB to geometries where the B3LYP energy is up to 0.4 eV higher.

    Raises
    ------
    LabelError
        If the molecule is too large or has an element without basis functions, if no conformer can
        be embedded, if the relaxation of the species fails or changes a bond, or if the SCF of the
        species itself does not converge. If the computation of an ion fails, no error is raised;
        the label's `status` says why.
    """
    check_molecule(molecule)
    from pyscf import lib
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1), lib.with_omp_threads(1):
        return _label(molecule, solvent, adiabatic)


def _label(molecule: Chem.Mol, solvent: str | None, adiabatic: bool) -> DftLabel:
    conformer, states, start = relaxed(molecule)
    medium = Medium(atomic_numbers(conformer), solvent or DEFAULT_SOLVENT)
    own, *ions = ground_states(medium, start.positions, states)
    geometry = _Geometry(conformer, start.positions, solvent)
    ground = geometry.converge(own)
    of_ions: Sequence[Relaxed | LabelError] = ()
    if adiabatic:
        of_species, *of_ions = geometries(conformer, medium, (own, *ions), start)
        relaxed_ground = _Geometry(conformer, of_species.positions, solvent).converge(own, ground)
    energies: dict[str, float | None] = {}
    failures = []
    for index, (name, sign) in enumerate(SIGNS.items()):
        energies[name] = energies[f"{name}_vertical"] = None
        try:
            vertical = geometry.converge(ions[index], ground)
            energy = vertical.energy - ground.energy
            energies[f"{name}_vertical"] = _checked(sign * energy)
            if adiabatic:
                positions = _intact(conformer, of_ions[index])
                ion = _Geometry(conformer, positions, solvent).converge(ions[index], vertical)
                lowest = min(ground.energy, relaxed_ground.energy)
                energy = min(vertical.energy, ion.energy) - lowest
            energies[name] = _checked(sign * energy)
        except LabelError as error:
            failures.append(f"{'oxidised' if sign > 0 else 'reduced'}: {error}")
    return DftLabel(**energies, status="; ".join(failures) or "ok")


def _checked(energy: float) -> float:
    """Convert IE or EA from hartree to eV; raise `LabelError` if the value is impossible."""
    check_energies(energy * HARTREE)
    return energy * HARTREE


def _intact(conformer: Chem.Mol, geometry: Relaxed | LabelError) -> np.ndarray:
    """Return the atoms' positions in a relaxed ion, shape (n, 3), ångström.

    Raises
    ------
    LabelError
        If `geometry` is the error that kept the ion from being relaxed, or if the ion's bonds
        differ from the bonds of the molecular graph of `conformer`.
    """
    if isinstance(geometry, LabelError):
        raise geometry
    check_bonds(conformer, geometry.positions)
    return geometry.positions


@dataclass(frozen=True)
class _Solution:
    """SCF solution of a charge state: total energy in hartree, orbital coefficients by spin."""

    energy: float
    orbitals: Any  # shape (2, nao, nmo): spins, basis functions, orbitals


class _Geometry:
    """SCF calculations for all charge states of a molecule at the same geometry.

    The charge states share the integration grid, the density-fitting integrals and the PCM cavity.
    """

    def __init__(self, molecule: Chem.Mol, positions: np.ndarray, solvent: str | None) -> None:
        from pyscf import dft, gto

        from organode.label.fock import Cavity, Fitting, Quadrature

        symbols = [atom.GetSymbol() for atom in molecule.GetAtoms()]
        self.molecule = gto.M(
            atom=list(zip(symbols, positions.tolist(), strict=True)),
            basis=BASIS,
            spin=None,  # that of each charge state is set in `_field`
            verbose=0,
            max_memory=4000,  # MB: ten times what is used, so that everything stays in memory
        )
        self.fitting = Fitting(self.molecule, _fitting_basis(symbols))
        self.quadrature = Quadrature()
        self.grids = dft.gen_grid.Grids(self.molecule)
        self.grids.atom_grid = POINTS
        self.grids.prune = dft.gen_grid.treutler_prune
        self.cavity = Cavity(self.molecule) if solvent else None
        if self.cavity is not None:
            self.cavity.method = "IEF-PCM"
            self.cavity.eps = PERMITTIVITY[str(solvent)]
            self.cavity.lebedev_order = LEBEDEV_ORDER

    def converge(self, state: ChargeState, start: _Solution | None = None) -> _Solution:
        """Run the SCF of a charge state.

        If `start`, the solution of another charge state or geometry, is given, the SCF starts from
        the orbitals of `start`.

        Raises
        ------
        LabelError
            If the SCF does not converge, or the energy is not a finite number.
        """
        field = self._field(state)
        field.kernel(self._density(field, start.orbitals) if start else None)
        if not field.converged:
            field.level_shift = 0.3
            field.kernel(field.make_rdm1())
        if not field.converged:  # Newton's method is the slowest and therefore the last
            field.level_shift = 0
            field = field.newton()
            field.kernel(field.mo_coeff, field.mo_occ)
        if not field.converged:
            raise LabelError(f"B3LYP did not converge at charge {state.charge:+d}")
        if not np.isfinite(field.e_tot):
            raise LabelError(f"B3LYP's energy is not a number at charge {state.charge:+d}")
        orbitals = field.mo_coeff if state.unpaired else [field.mo_coeff] * 2
        return _Solution(float(field.e_tot), np.array(orbitals))

    def _field(self, state: ChargeState) -> Any:
        """Return pyscf's mean-field object for a charge state, ready for the SCF."""
        from pyscf import dft, lib, scf

        molecule = self.molecule.copy()
        molecule.charge, molecule.spin = state.charge, state.unpaired
        molecule.build(False, False)
        # Otherwise each object has a scratch file, which a killed process leaves behind.
        with lib.temporary_env(scf.hf, MUTE_CHKFILE=True):
            field = (dft.UKS if state.unpaired else dft.RKS)(molecule, xc=FUNCTIONAL)
        field = field.density_fit(with_df=self.fitting)
        field._numint, field.grids = self.quadrature, self.grids
        field.small_rho_cutoff = 0  # drops no grid point: all charge states have the same points
        field.conv_tol, field.conv_tol_grad = ENERGY_CHANGE, GRADIENT
        field.conv_check = False  # no extra iteration once converged
        field.max_cycle = MAX_ITERATIONS
        field.diis_start_cycle = 0  # saves one iteration in ten
        return field.PCM(self.cavity) if self.cavity is not None else field

    def _density(self, field: Any, orbitals: np.ndarray) -> Any:
        """Return a density matrix, made from given orbitals, from which the SCF can start.

        `orbitals`, shape (2, nao, nmo), are the orbitals of another charge state or geometry. The
        orbitals are orthonormalised at this geometry, and the lowest orbitals are filled with the
        electrons of `field`, pyscf's object for the charge state to compute.
        """
        overlap = self.molecule.intor("int1e_ovlp")
        orthonormal = []
        for spin in orbitals:
            values, vectors = np.linalg.eigh(spin.T @ overlap @ spin)
            orthonormal.append(spin @ (vectors / np.sqrt(values)) @ vectors.T)
        filled = np.arange(orbitals.shape[-1]) < np.reshape(field.mol.nelec, (2, 1))
        if field.mol.spin:
            return field.make_rdm1(np.array(orthonormal), filled.astype(float))
        return field.make_rdm1(orthonormal[0], filled.sum(axis=0).astype(float))


def _fitting_basis(symbols: list[str]) -> dict[str, Any]:
    """Return the auxiliary basis for density fitting, as a dictionary from element to shells.

    The basis is def2-universal-jkfit without functions above f (l = 3) and, on hydrogen, above p
    (l = 1). Leaving these functions out changes IE and EA by less than 1 meV, and saves a sixth of
    the functions, or a third if there are many hydrogens. `symbols` are the atoms' element symbols.
    """
    from pyscf import gto

    return {
        symbol: [
            shell
            for shell in gto.basis.load("def2-universal-jkfit", symbol)
            if shell[0] <= (1 if symbol == "H" else 3)
        ]
        for symbol in set(symbols)
    }
