"""Hückel orbitals: integrals, centres, descriptors."""
