"""Distillation: what ensembles answer for unlabelled molecules, and what a student made of it."""
