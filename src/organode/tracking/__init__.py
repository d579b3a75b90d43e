"""MLflow: its store, the runs that organode logs there, and the registry of models."""
