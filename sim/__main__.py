"""`python -m sim` is the command `jjj`."""

from sim.cli import main

if __name__ == "__main__":
    main()
