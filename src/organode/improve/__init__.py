"""Improve a model by labels of the molecules whose labels would change decisions most."""
