"""Metrics and figures of predictions: test set, out-of-fold rows, potentials, ion stability.

For comparison with the 2020 thesis that the project began with, the errors on the whole data set,
training rows included, are computed too.
"""
