"""The command line: flags, messages and one module per command. Nothing here decides what a picture looks like."""
