"""Hückel frontier orbitals: integrals, centres, descriptors."""
