"""Stages of the DVC pipeline, one module each: read files, compute, write files."""
