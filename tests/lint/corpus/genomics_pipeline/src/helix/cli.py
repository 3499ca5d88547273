import argparse
import sys

import durable_async as da

from helix import sample


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog=sys.argv[0])
    parser.add_argument("accession")
    arguments = parser.parse_args(argv)
    print(da.run(sample(arguments.accession, "human")))
    return 0


if __name__ == "__main__":
    sys.exit(main())
