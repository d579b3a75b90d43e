"""Errors and coverage of the ensemble: on the test set, out of fold, against measured potentials.

The thesis's own number is computed too.
"""
