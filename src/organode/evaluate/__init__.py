"""Metrics and figures: test set, out-of-fold rows, measured potentials, stability of ions.

The thesis's metric, on the whole data set, is computed too.
"""
