"""The MLflow model registry: register models as versions, promote and load versions."""
