"""The command line: thin sub-commands over the libraries."""
