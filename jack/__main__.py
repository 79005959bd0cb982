"""`python -m jack …`, and the command `jack` of the wheel."""

from jack.cli import commands


def main() -> None:
    """Do what is typed."""
    commands(prog_name="jack")


if __name__ == "__main__":
    main()
