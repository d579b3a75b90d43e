"""Build the embedded data set: `python data/embedded/build --help`."""

from embedded_set.commands import commands
from organode.cli.main import run

if __name__ == "__main__":
    run(commands)
