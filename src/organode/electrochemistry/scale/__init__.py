"""The laboratory scale: from computed energies to measured potentials."""
