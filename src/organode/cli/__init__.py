"""The command line `organode`: a module for each group of commands."""
