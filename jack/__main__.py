"""`python -m jack …`"""

from jack.cli import commands

commands(prog_name="jack")
