"""Search with Optuna for fingerprint and network settings with the lowest validation error."""
