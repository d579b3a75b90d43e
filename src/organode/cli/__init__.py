"""The command `organode`: one file for each group of commands."""
