"""Frontier orbitals from a Hückel model: its centres, its integrals, descriptors."""
