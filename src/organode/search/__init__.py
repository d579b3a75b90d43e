"""The Optuna search for fingerprint and network settings with the lowest validation MAE."""
