"""Find a unique Lewis structure for each molecule: pair radicals, choose a resonance form."""
