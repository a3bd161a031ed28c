"""The commands, one file each: their options and help texts.

These files import only typer and the shared options; a command imports its implementation when it
is called. So neither ``--help`` nor a wrong argument loads what only measuring needs.
"""
