"""Distillation: train a small network, the student, on the predictions of an ensemble."""
