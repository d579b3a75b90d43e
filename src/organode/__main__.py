"""Let `python -m organode` do what `organode` does."""

from organode.cli.main import main

if __name__ == "__main__":
    main()
