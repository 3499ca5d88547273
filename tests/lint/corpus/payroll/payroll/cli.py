import argparse
import datetime
import sys

import durable_async as da

from .run_payroll import run_payroll
from .utils import uptime


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("company")
    parser.add_argument("--approver", default="cfo@corp.example")
    args = parser.parse_args()
    now = datetime.datetime.now()
    print(da.run(run_payroll(args.company, now.year, now.month, args.approver)), f"{uptime():.1f}s")


if __name__ == "__main__":
    sys.exit(main())
