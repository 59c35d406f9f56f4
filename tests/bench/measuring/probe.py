"""What `sluice ingest` costs per observation in a given situation: database, capture and configuration."""

import dataclasses
import json
import os
import pathlib
import re
import shutil

from .failure import Failure
from .table import median
from .thread_watch import ThreadWatch
from .workbench import progress, tail

STAGES = ("receive", "feed", "decode", "dedup", "write")
WINDOWS = {"default": [], "50,000": ["--group-commit-max-rows", "50000"]}
# A made-up network meets a fresh database all at once; limits that mend that in life would hide what is measured.
NO_LIMITS = {"limits": {"newObserversPerHour": 0, "newNodesPerHour": 0}}


@dataclasses.dataclass
class Point:
    """One place on a curve."""

    label: str
    database: os.PathLike  # what is there already
    captures: list  # a file for each run, or one for all of them
    messages: int  # of a capture
    keys: dict = dataclasses.field(default_factory=dict)
    in_place: bool = False  # write into the database itself: for one too large to be copied for each run


def ingest(bench, database, capture, messages, flags=(), keys=None, watch=None):
    """One call; the process when it has ended, and what it reports."""
    config = {**(keys or {}), "sluice": {**NO_LIMITS, **(keys or {}).get("sluice", {})}}
    file = bench.path("probe.json")
    file.write_text(json.dumps(config), encoding="utf-8")
    child = bench.run([bench.programs["sluice"], "ingest", capture, "--db", database, "--config", file, "--report",
                       "--log-level", "error", *flags], timeout=60 + messages / 500, log="ingest.log", watch=watch)
    return child, tail(bench.path("ingest.log"), 100)


def copied(bench, database):
    """A copy that is on the disk: what still has to be written back would be in the way of the run's own fsyncs."""
    wal = pathlib.Path(f"{database}-wal")
    if wal.exists() and wal.stat().st_size > 0:
        raise Failure(f"{wal} has not been moved into the database")
    copy = bench.fresh_folder("probe") / "mesh.db"
    shutil.copyfile(database, copy)
    with open(copy, "rb") as file:
        os.fsync(file.fileno())
    return copy


def measure_points(bench, what, points, rounds):
    """Every point with every window, in turns; the costs of each round."""
    empty = bench.path("empty.jsonl")
    empty.write_text("", encoding="utf-8")
    costs = {(number, window): [] for number in range(len(points)) for window in WINDOWS}
    for round_number in range(rounds):
        for number, point in enumerate(points):
            progress(f"{what}: {point.label}, round {round_number + 1} of {rounds}")
            idle = one_run(bench, point, empty, 0, [])
            for place, (window, flags) in enumerate(WINDOWS.items()):
                capture = point.captures[(round_number * len(WINDOWS) + place) % len(point.captures)]
                run = one_run(bench, point, capture, point.messages, flags)
                costs[number, window].append(per_observation(run, idle))
    return [{"label": point.label, "window": window, "rounds": costs[number, window],
             "median": medians(costs[number, window])} for number, point in enumerate(points) for window in WINDOWS]


def one_run(bench, point, capture, messages, flags):
    database = point.database if point.in_place else copied(bench, point.database)
    threads = ThreadWatch()
    child, report = ingest(bench, database, capture, messages, flags, point.keys, threads.look_and_pause)
    return {"wall": child.ended - child.began, "cpu": child.cpu_seconds, "threads": threads.by_name(),
            **facts_of(report)}


def facts_of(report):
    ledger = re.search(r"^  capture +(\d+) +(\d+) +(\d+) +(\d+) +(\d+)", report, re.M)
    work = re.search(r"payload decodes +(\d+) for (\d+) packets, (\d+) signature checks", report)
    wal = re.search(r"\((\d+) bytes of WAL per observation\)", report)
    names = ("received", "committed", "merged", "rejected", "dropped")
    return {**dict(zip(names, map(int, ledger.groups()))), "balanced": "ledger: balanced" in report,
            "transmissions": int(work.group(1)), "packets": int(work.group(2)), "checks": int(work.group(3)),
            "wal_bytes": int(wal.group(1))}


def per_observation(run, idle):
    """In µs. What starting and ending cost on the same database with nothing to do in between is taken off."""
    scale = 1e6 / max(1, run["received"])
    cpu = (run["cpu"] - idle["cpu"]) * scale
    stages = {stage: run["threads"].get(stage, 0.0) * scale for stage in STAGES}
    return {"wall": (run["wall"] - idle["wall"]) * scale, "cpu": cpu, **stages, "rest": cpu - sum(stages.values()),
            "start_and_end_ms": idle["cpu"] * 1000, "copies": run["packets"] / max(1, run["transmissions"]),
            "merged_percent": 100 * run["merged"] / max(1, run["received"]),
            "rejected_percent": 100 * run["rejected"] / max(1, run["received"]),
            "checks": run["checks"], "received": run["received"], "wal_bytes": run["wal_bytes"],
            "lost": run["dropped"] + (0 if run["balanced"] else 1)}


def medians(costs):
    return {key: median([cost[key] for cost in costs]) for key in costs[0]}
