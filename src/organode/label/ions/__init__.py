"""Relaxed ions of a species: their energies, and the reactions they undergo."""
