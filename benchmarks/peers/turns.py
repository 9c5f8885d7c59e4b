"""The peers' side of the protocol in ../turns.rs."""

import json
import sys
import time


def serve(version: str, one_pass) -> None:
    """Runs `one_pass` as often as each line of the input says, until it ends."""
    # Whatever a library prints must not come between the answers.
    answers, sys.stdout = sys.stdout, sys.stderr
    print(json.dumps({"version": version}), file=answers, flush=True)
    for line in sys.stdin:
        seconds = []
        for _ in range(int(line)):
            start = time.perf_counter()
            one_pass()
            seconds.append(time.perf_counter() - start)
        print(json.dumps({"seconds": seconds}), file=answers, flush=True)
