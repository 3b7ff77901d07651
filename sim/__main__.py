"""`python -m sim` is `jjj`."""

from sim.cli import main

if __name__ == "__main__":
    main()
