"""The fraud desk is a sub-process of claims handling."""


def run(handler: str) -> str:
    return f"fraud desk with {handler}"
