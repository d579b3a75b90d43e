"""The MLflow model registry: register, promote, load what is promoted."""
