"""What can be asked for: one file a command, with its options and its help.

These files import typer, the shared options and nothing else; a command imports its work when it
is called. So neither ``--help`` nor a wrong argument loads what only measuring needs.
"""
