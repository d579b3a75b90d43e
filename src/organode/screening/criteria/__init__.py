"""Criteria of candidates: potentials, stability, filters, properties."""
