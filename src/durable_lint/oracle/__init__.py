"""What mypy knows of expressions whose type the syntax of the project does not tell."""
