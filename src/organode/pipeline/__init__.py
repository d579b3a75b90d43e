"""The stages, one file each: read artifacts, call the science, write artifacts."""
