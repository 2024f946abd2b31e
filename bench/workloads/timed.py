"""Runs a workload and prints the CPU and wall time of it alone, start-up left out, as JSON."""
import asyncio
import gc
import json
import sys
import time


def run(main):
    rounds = int(sys.argv[1])
    gc.collect()
    cpu, wall = time.process_time(), time.perf_counter()
    asyncio.run(main(rounds))
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    print(json.dumps({"cpu": cpu, "wall": wall}))
