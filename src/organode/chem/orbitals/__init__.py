"""Frontier orbitals from a Hückel model: atoms and bonds, integrals, orbital descriptors."""
