"""Run the command line of organode: `python -m organode` is the same as `organode`."""

from organode.cli.main import main

if __name__ == "__main__":
    main()
