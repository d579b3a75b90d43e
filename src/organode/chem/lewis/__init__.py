"""Find a unique Lewis structure of a molecule: pair electrons, choose a resonance structure."""
