"""Serve a web page: draw or paste molecules, see their potentials, screen a library."""
