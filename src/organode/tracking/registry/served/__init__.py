"""The code that MLflow runs when it serves a registered model."""
