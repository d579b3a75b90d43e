"""Read settings files in a safe subset of YAML, and write messages about invalid values."""
