#!/usr/bin/env python3
"""Runs a command while a few of its threads, and of those it has started, get next to no CPU.

usage: starve.py SEED COMMAND...

A test that awaits events passes all the same; one that bets on time, or on the order of two threads,
does not always. Nobody starves for as long as the shortest limit in the tests, a keepalive of 5 s.
Needs root, or CAP_SYS_NICE. The exit status is the command's; 77 if threads can't be starved here.
"""

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time

LOOK_S = 0.05
CHANCE = 0.3  # at each look
LONGEST_S = (0.2, 0.5, 1, 4)


def busy(parent):
    while os.getppid() == parent:  # which may be killed
        pass


def family(root):
    """The process and all that descend from it, as far as they are still there."""
    children = {}
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                parent = int(file.read().rpartition(")")[2].split()[1])
        except OSError:
            continue
        children.setdefault(parent, []).append(int(name))
    found = [root]
    for process in found:
        found += children.get(process, [])
    return found


def threads_of(processes):
    found = []
    for process in processes:
        try:
            found += [int(name) for name in os.listdir(f"/proc/{process}/task")]
        except OSError:
            continue
    return found


def give(thread, policy):
    """False: it has ended."""
    try:
        os.sched_setscheduler(thread, policy, os.sched_param(0))
        return True
    except ProcessLookupError:
        return False


def feed_heirs(threads):
    """What a starving thread has started would starve for ever."""
    for thread in threads:
        try:
            if os.sched_getscheduler(thread) == os.SCHED_IDLE:
                give(thread, os.SCHED_OTHER)
        except ProcessLookupError:
            continue


def main():
    if len(sys.argv) < 3 or not sys.argv[1].isdigit():
        sys.exit(__doc__)
    chance = random.Random(int(sys.argv[1]))
    forks = multiprocessing.get_context("fork")  # whose parent is this process
    for _ in os.sched_getaffinity(0):  # only beside somebody who is busy can a thread starve
        rival = forks.Process(target=busy, args=(os.getpid(),), daemon=True)
        rival.start()
    try:
        give(rival.pid, os.SCHED_IDLE)
        give(rival.pid, os.SCHED_OTHER)  # the way back is what not everybody may take
    except PermissionError:
        print("starve: this takes root's rights (CAP_SYS_NICE)", file=sys.stderr)
        return 77
    with subprocess.Popen(sys.argv[2:]) as child:
        try:
            starve(child, chance)
        finally:
            child.terminate()
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def starve(child, chance):
    starving = {}  # thread: until when
    while child.poll() is None:
        now = time.monotonic()
        for thread in [thread for thread, until in starving.items() if until <= now]:
            give(thread, os.SCHED_OTHER)
            del starving[thread]
        others = [thread for thread in threads_of(family(child.pid)) if thread not in starving]
        feed_heirs(others)
        if others and chance.random() < CHANCE:
            thread = chance.choice(others)
            if give(thread, os.SCHED_IDLE):
                starving[thread] = now + chance.random() * chance.choice(LONGEST_S)
        time.sleep(LOOK_S)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
