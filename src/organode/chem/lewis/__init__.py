"""A unique Lewis structure for each molecule: valences, pairing, resonance, repair."""
