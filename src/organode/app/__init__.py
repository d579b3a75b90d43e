"""The page in the browser: draw or paste molecules, read their potentials, screen a library."""
