"""`make bench`: every ratio, whatever it is."""

from __future__ import annotations

import argparse
import sys

from benchmarks import access_log, apk, flows, history, makespan, matrix, noticing, rules, startup, throttled


def main() -> None:
    """Run the benchmarks that were asked for, or all."""
    known = {
        "startup": startup.main,
        "apk": apk.main,
        "flows": flows.main,
        "noticing": noticing.main,
        "rules": rules.main,
        "history": history.main,
        "matrix": matrix.main,
        "makespan": makespan.main,
        "throttled": throttled.main,
        "access-log": access_log.main,
    }
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("names", nargs="*", help=f"which: {', '.join(known)}; all unless named")
    names = parser.parse_args().names or list(known)
    unknown = [name for name in names if name not in known]
    if unknown:
        sys.exit(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(known)}")
    for name in names:
        known[name]()


main()
