"""What an observation costs as things grow: rows in the file, observers, copies, workers, adverts to verify, keys.

Every point is `sluice ingest` of the same number of messages into a database that knows the network already, with
default windows and with windows of 50,000 rows, in turns.
"""

import json
import os

from . import probe
from .capture_stream import CaptureStream
from .probe import Point, measure_points
from .table import count, print_table, real
from .visible_rows import rows_in
from .workbench import progress

CURVES = ("rows", "observers", "copies", "workers", "verify", "channels")
GROWTH_PIECE = 500_000
LARGE_WINDOWS = probe.WINDOWS["50,000"]
PLAIN = {"status_share": 0, "malformed_share": 0}  # observations and nothing else
BYTES_PER_ROW = 700
BYTES_PER_LINE = 900


def add_options(parser):
    parser.add_argument("--only", nargs="+", choices=CURVES, default=list(CURVES), metavar="CURVE",
                        help="of: " + ", ".join(CURVES))
    parser.add_argument("--rounds", type=int, default=3, help="(%(default)s)")
    parser.add_argument("--probe", type=int, default=50_000, help="messages of a measured run (%(default)s)")
    parser.add_argument("--most-rows", type=int, default=1_000_000, help="in the file, the last step from 1,000 "
                                                                         "on, each tenfold (%(default)s)")
    parser.add_argument("--most-observers", type=int, default=100_000, help="(%(default)s)")
    parser.add_argument("--most-workers", type=int, default=max(4, os.cpu_count() or 1), help="(%(default)s)")


def measure(bench, options, result):
    networks = Networks(bench, options.probe)
    curves = {"rows": rows, "observers": observers, "copies": copies, "workers": workers, "verify": verify,
              "channels": channels}
    result["curves"] = {}
    for name in CURVES:
        if name in options.only:
            result["curves"][name] = curves[name](bench, networks, options)


def powers_of_ten(first, last):
    values = [first]
    while values[-1] * 10 <= last:
        values.append(values[-1] * 10)
    return values


def rows(bench, _, options):
    """One file that grows. Where a run would change its size it gets a copy; later the file takes the runs itself."""
    sizes = powers_of_ten(1000, options.most_rows)
    runs = options.rounds * len(probe.WINDOWS)
    bench.need_disk(sizes[-1] * BYTES_PER_ROW * 2 + (GROWTH_PIECE + runs * options.probe) * BYTES_PER_LINE)
    database = bench.fresh_folder("rows") / "mesh.db"
    points = []
    # Repeats and forged adverts make no rows, so a file of a size takes more messages than that.
    with CaptureStream(bench, int(sizes[-1] * 1.3) + len(sizes) * (runs + 1) * options.probe, observers=300,
                       **PLAIN) as stream:
        for size in sizes:
            grow(bench, stream, database, size)
            before = rows_in(database)
            in_place = runs * options.probe <= size / 10
            # So short a run on so small a file, or the file would not be of that size any more.
            messages = min(options.probe, max(1000, 5 * size))
            pieces = [stream.take(messages, f"rows-{number}.jsonl") for number in range(runs if in_place else 1)]
            point = Point(f"{before:,}", database, pieces, messages, in_place=in_place)
            points += measure_points(bench, "rows in the file", [point], options.rounds)
            for piece in pieces:
                piece.unlink()
    return points


def grow(bench, stream, database, size):
    have = rows_in(database) if database.exists() else 0
    while have < 0.99 * size:
        progress(f"rows in the file: {have:,}, growing to {size:,}")
        messages = min(GROWTH_PIECE, size - have)
        piece = stream.take(messages, "growth.jsonl")
        probe.ingest(bench, database, piece, messages, LARGE_WINDOWS)
        piece.unlink()
        have = rows_in(database)


class Networks:
    """Databases that know a network, with a capture of what it sends next; each made once."""

    def __init__(self, bench, messages):
        self._bench, self._messages = bench, messages
        self._made = {}

    def point(self, label, keys=None, known=None, **network):
        known = known or self._messages
        name = "-".join(["network", str(known), *(f"{key}-{value}" for key, value in sorted(network.items()))])
        if name not in self._made:
            progress(f"a database that knows a network: {known:,} messages, " +
                     ", ".join(f"{value:,} {key}" for key, value in network.items()))
            self._made[name] = self._make(name, known, network)
        database, capture = self._made[name]
        return Point(label, database, [capture], self._messages, keys or {})

    def _make(self, name, known, network):
        self._bench.need_disk(known * (BYTES_PER_LINE + 2 * BYTES_PER_ROW))
        database = self._bench.fresh_folder(name) / "mesh.db"
        with CaptureStream(self._bench, known + self._messages, **{"observers": 300, **PLAIN, **network}) as stream:
            left = known
            while left > 0:
                messages = min(GROWTH_PIECE, left)
                piece = stream.take(messages, "growth.jsonl")
                probe.ingest(self._bench, database, piece, messages, LARGE_WINDOWS)
                piece.unlink()
                left -= messages
            return database, stream.take(self._messages, f"{name}.jsonl")


def observers(bench, networks, options):
    # As many messages before for all of them that nearly every observer is known.
    known = max(options.probe, 2 * options.most_observers)
    points = [networks.point(f"{number:,}", known=known, observers=number)
              for number in powers_of_ten(1, options.most_observers)]
    return measure_points(bench, "observers", points, options.rounds)


def copies(bench, networks, options):
    points = [networks.point(f"up to {most}", copies=most) for most in (1, 3, 9, 27, 90)]  # 90: 27 on average
    return measure_points(bench, "copies", points, options.rounds)


def workers(bench, networks, options):
    numbers = [1]
    while numbers[-1] * 2 <= options.most_workers:
        numbers.append(numbers[-1] * 2)
    points = [networks.point(f"{number}", {"sluice": {"decodeWorkers": number}}, copies=27) for number in numbers]
    return measure_points(bench, "decode workers", points, options.rounds)


def verify(bench, networks, options):
    points = [networks.point(f"{word}, up to {most} copies", {"validateSignatures": word == "verified"}, copies=most)
              for most in (1, 27) for word in ("verified", "believed")]
    return measure_points(bench, "adverts", points, options.rounds)


def channels(bench, networks, options):
    fragment = bench.path("channels.json")
    bench.run([bench.programs["synth"], "--quiet", "--messages", "1", "--channels", "300", "--out", os.devnull,
               "--config", fragment], timeout=60)
    names = json.loads(fragment.read_text(encoding="utf-8"))["hashChannels"]
    points = [networks.point(f"{number} keys, up to {most} copies", {"hashChannels": names[:number]}, copies=most,
                             channels=300) for most in (1, 27) for number in (0, 8, 300)]
    return measure_points(bench, "channels", points, options.rounds)


TITLES = {"rows": "Rows already in the file", "observers": "Observers", "copies": "Copies of a transmission",
          "workers": "Decode workers", "verify": "Adverts: signatures verified or believed",
          "channels": "Channel keys, in a network with 300 channels"}


def show(result):
    for name, points in result["curves"].items():
        table = []
        for point in points:
            cost = point["median"]
            table.append([point["label"], point["window"], real(cost["wall"], 2), real(cost["cpu"], 2),
                          *(real(cost[stage], 2) for stage in probe.STAGES), real(cost["rest"], 2),
                          count(cost["wal_bytes"]), real(cost["copies"]), real(cost["merged_percent"]),
                          real(cost["rejected_percent"]), count(cost["checks"]), real(cost["start_and_end_ms"], 0)])
        print_table(f"{TITLES[name]}: µs per observation, medians of {len(points[0]['rounds'])} rounds",
                    ["", "window", "wall", "CPU", *probe.STAGES, "rest", "WAL bytes", "copies", "% merged", "% refused",
                     "checks", "start ms"], table)
        if any(cost["lost"] for point in points for cost in point["rounds"]):
            print("  SOMETHING WAS LOST, or a ledger is off; see --json")
        if name == "verify":
            show_checks(points)


def show_checks(points):
    """Neighbours differ in nothing else, so what dedup's thread does more for one of them are the checks."""
    for verified, believed in zip(points, points[len(probe.WINDOWS):]):
        if verified["label"].startswith("verified") and verified["median"]["checks"]:
            cost, other = verified["median"], believed["median"]
            each = (cost["dedup"] - other["dedup"]) * cost["received"] / cost["checks"]
            print(f"  {verified['label']}, window {verified['window']}: {each:.1f} µs of dedup's CPU time a check")
