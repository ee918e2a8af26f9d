"""Calls a second with pytruenas, 20 threads with one call each in flight."""

import sys
import threading
import time

from pytruenas import TrueNASWSConnection

ROUND = 1.0

counts = []


def caller(connection, end):
    calls = 0
    while time.monotonic() < end:
        connection.call("core.ping")
        calls += 1
    counts.append(calls)


with TrueNASWSConnection(f"ws://{sys.argv[1]}/api/current") as connection:
    start = time.monotonic()
    threads = [threading.Thread(target=caller, args=(connection, start + ROUND)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(sum(counts) / (time.monotonic() - start))
