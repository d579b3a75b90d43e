"""Settings files: YAML within bounds, and messages about invalid values."""
