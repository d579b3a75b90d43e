"""Read cells of a table as molecules: SMILES, InChI, names, salts, polymers."""
