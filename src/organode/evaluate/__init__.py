"""Metrics and figures: test set, out-of-fold rows, measured potentials, stability of ions.

For comparison with the 2020 thesis that the project began with, the errors on the whole data set,
training rows included, are computed too.
"""
