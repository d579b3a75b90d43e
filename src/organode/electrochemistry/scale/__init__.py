"""The laboratory scale: models that predict measured potentials from computed energies."""
