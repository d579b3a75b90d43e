"""The stages of the DVC pipeline, each in its own module: read files, compute, write files."""
