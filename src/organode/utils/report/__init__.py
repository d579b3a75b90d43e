"""Figures and HTML pages of the reports that stages write."""
