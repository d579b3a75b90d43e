"""Compute the relaxed ions of a species: the ions' energies, and the reactions they undergo."""
