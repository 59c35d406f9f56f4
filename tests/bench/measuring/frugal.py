"""A real network's rate, 250 messages a second, with default settings: fsyncs, CPU, memory, latencies, bytes written.

Three runs through the broker: the default windows (measured), the same under strace, which counts the fsyncs
independently and also those of the journal, and a commit per packet for comparison. Beside Sluice a mosquitto_sub gets
the same messages and throws them away: what receiving them costs on this machine in these very seconds.
"""

import re
import shutil
import time

from . import proc_files
from .capture import make_capture
from .mosquitto import Mosquitto
from .publisher import Publisher
from .sluice_run import SluiceRun, lost_of
from .table import count, median, print_table, real
from .thread_watch import ThreadWatch
from .workbench import find_program, progress

WARM_UP_S = 3  # the first observers' rows, and memory that is taken once
MEMORY_PAUSE_S = 0.5
SYNC_CALLS = ("fsync", "fdatasync", "msync", "sync_file_range")

MOST_SYNCS_PER_SECOND = 1.2
MOST_CPU_PERCENT = 3
MOST_ANONYMOUS_MIB = 48
MOST_LOCK_HOLD_MS = 20
DEFAULT_WINDOW_MS = 1000
MOST_VISIBLE_MS = DEFAULT_WINDOW_MS + 50
GO_INGESTOR_WAL_BYTES = 58_000


def add_options(parser):
    parser.add_argument("--rate", type=int, default=250, help="messages per second (%(default)s)")
    parser.add_argument("--seconds", type=int, default=120, help="of the measured run; a checkpoint is due every 60 "
                                                                 "(%(default)s)")
    parser.add_argument("--other-seconds", type=int, help="of the two other runs (half as long)")
    parser.add_argument("--pacing", choices=["even", "recorded"], default="even",
                        help="recorded: with the bursts and pauses of a network, the rate on average (%(default)s)")
    parser.add_argument("--qos", type=int, choices=[0, 1], default=1, help="that is published at; Sluice subscribes as "
                                                                           "its defaults say (%(default)s)")


def measure(bench, options, result):
    other_seconds = options.other_seconds or max(1, options.seconds // 2)
    captures = {}
    for seconds in {options.seconds, other_seconds}:
        messages = options.rate * (seconds + WARM_UP_S + 3)
        # As slow in network time as it will be published, or its recorded pace would be another.
        captures[seconds], _ = make_capture(bench, f"frugal-{seconds}", messages, observers=300, rate=options.rate)

    def run(seconds, **more):
        return run_once(bench, captures[seconds], seconds, options, **more)

    result.update({"rate": options.rate, "qos": options.qos, "pacing": options.pacing, "default": run(options.seconds)})
    if shutil.which("strace"):
        result["traced"] = run(other_seconds, traced=True)
    else:
        progress("strace is not installed: its run is left out")
    result["per packet"] = run(other_seconds, keys={"groupCommitMs": 0})


def run_once(bench, capture, seconds, options, keys=None, traced=False):
    progress(f"{options.rate} messages a second for {seconds} s" + (", under strace" if traced else "") +
             (", a commit per packet" if keys else ""))
    trace = bench.path("strace.txt")
    wrapper = ["strace", "-f", "-ttt", "-e", "trace=" + ",".join(SYNC_CALLS), "-o", trace] if traced else []
    with Mosquitto(bench) as broker, SluiceRun(bench, broker, keys, wrapper=wrapper) as sluice:
        pace = ["--speed", "original"] if options.pacing == "recorded" else ["--rate", options.rate]
        beside = bench.start([find_program("mosquitto_sub", "mosquitto-clients"), "-h", "127.0.0.1", "-p", broker.port,
                              "-t", "#", "-q", options.qos])
        publisher = Publisher(bench, broker, capture, options.qos, pace)
        time.sleep(WARM_UP_S)
        before, memory, beside_before = snapshot(sluice), [], proc_files.thread_seconds(beside.pid, beside.pid)
        while time.monotonic() < before["when"] + seconds:
            memory.append(proc_files.memory_mib(sluice.pid))
            time.sleep(MEMORY_PAUSE_S)
        after, beside_after = snapshot(sluice), proc_files.thread_seconds(beside.pid, beside.pid)
        names = {tid: proc_files.thread_name(sluice.pid, tid) for tid in proc_files.threads_of(sluice.pid)}
        report = publisher.finish(60)
        account = sluice.wait_for_all(report["published"])
        output = sluice.stop()
        beside.stop()
    result = between(before, after, memory)
    result["mosquitto_sub_percent"] = 100 * (beside_after - beside_before) / (after["when"] - before["when"])
    result.update(lost=lost_of(account, report["published"]), balanced="ledger: balanced" in output,
                  publisher_most_late_seconds=report["most_late_seconds"])
    if traced:
        result["traced_calls"] = traced_calls(trace, names, before["stats"]["unix"], after["stats"]["unix"])
    return result


def snapshot(sluice):
    """The stats file has a new sample each second; what the kernel says is read right after it."""
    stats = sluice.next_stats()
    threads = ThreadWatch()
    threads.look(sluice.pid)
    return {"when": time.monotonic(), "stats": stats, "cpu": proc_files.cpu_seconds(sluice.pid),
            "threads": threads.by_name(), "written": proc_files.written_bytes(sluice.pid)}


def between(before, after, memory):
    disk_before, disk_after = before["stats"]["sluice"]["disk"], after["stats"]["sluice"]["disk"]
    disk = {key: disk_after[key] - disk_before[key] for key in disk_after}
    seconds = after["stats"]["unix"] - before["stats"]["unix"]
    wall = after["when"] - before["when"]
    messages = done(after) - done(before)
    latencies = after["stats"]["sluice"]["latencyMs"]
    return {
        "seconds": seconds, "messages": messages, "disk": disk,
        "transactions": after["stats"]["walCommits"] - before["stats"]["walCommits"],
        "syncs_per_second": (disk["walSyncs"] + disk["databaseSyncs"] + disk["otherSyncs"] + disk["journalSyncs"]) / seconds,
        "cpu_percent": 100 * (after["cpu"] - before["cpu"]) / wall,
        "threads_percent": {name: 100 * (value - before["threads"].get(name, 0)) / wall
                            for name, value in after["threads"].items()},
        "memory_mib": {key: {"median": median([sample[key] for sample in memory if key in sample]),
                             "max": max((sample[key] for sample in memory if key in sample), default=None)}
                       for key in ("RssAnon", "RssFile", "RssShmem")},
        "latency_ms": latencies,
        "wal_bytes_per_message": disk["walBytes"] / max(1, messages),
        "database_bytes_per_message": disk["databaseBytes"] / max(1, messages),
        # The kernel does not tell everybody.
        "written_bytes_per_message": None if None in (before["written"], after["written"])
        else (after["written"] - before["written"]) / max(1, messages)}


def done(moment):
    return sum(source["committed"] + source["merged"] for source in moment["stats"]["sluice"]["sources"])


def traced_calls(trace, names, begin, end):
    """By call and thread, what began between the two samples. The second half of a call that strace split is none."""
    calls = {}
    for line in trace.read_text(encoding="utf-8", errors="replace").splitlines():
        found = re.match(r"(\d+) +(\d+\.\d+) (\w+)\(", line)
        if found and found.group(3) in SYNC_CALLS and begin <= float(found.group(2)) < end:
            what = f"{found.group(3)} by {names.get(found.group(1), 'a thread that has ended')}"
            calls[what] = calls.get(what, 0) + 1
    return calls


def verdict(value, most):
    return "ok" if value <= most else "MISSED"


def percentile_verdict(value_ms, most):
    """The process keeps its latencies in steps of a sixteenth of a power of two, and reports a step's upper edge."""
    if value_ms <= most:
        return "ok"
    step = 2 ** (int(value_ms * 1000).bit_length() - 1) / 16 / 1000
    if value_ms - step < most:
        return f"open: between {value_ms - step:,.0f} and {value_ms:,.0f}"
    return "MISSED"


def show(result):
    default, per_packet = result["default"], result["per packet"]
    latency, packet_latency = default["latency_ms"], per_packet["latency_ms"]

    def row(name, value, other, mark, judged, digits=1):
        return [name, real(value, digits), mark, judged, real(other, digits)]

    def memory(key, which):
        return default["memory_mib"][key][which], per_packet["memory_mib"][key][which]

    if "traced" in result:
        traced = result["traced"]
        traced_rate = sum(traced["traced_calls"].values()) / traced["seconds"]
    rows = [
        row("fsyncs per second, by the stats file", default["syncs_per_second"], per_packet["syncs_per_second"],
            f"≤ {MOST_SYNCS_PER_SECOND}", verdict(default["syncs_per_second"], MOST_SYNCS_PER_SECOND), 2),
        *([row("fsyncs per second, by strace, the journal's too", traced_rate, None, f"≤ {MOST_SYNCS_PER_SECOND}",
               verdict(traced_rate, MOST_SYNCS_PER_SECOND), 2)] if "traced" in result else []),
        row("CPU, % of a core", default["cpu_percent"], per_packet["cpu_percent"], f"≤ {MOST_CPU_PERCENT}",
            verdict(default["cpu_percent"], MOST_CPU_PERCENT), 2),
        row("  the same of mosquitto_sub, which only receives", default["mosquitto_sub_percent"],
            per_packet["mosquitto_sub_percent"], "", "", 2),
        row("RssAnon, MiB, median", *memory("RssAnon", "median"), "", ""),
        row("RssAnon, MiB, max", *memory("RssAnon", "max"), f"≤ {MOST_ANONYMOUS_MIB}",
            verdict(default["memory_mib"]["RssAnon"]["max"], MOST_ANONYMOUS_MIB)),
        row("RssFile, MiB, max (program, journal, WAL index)", *memory("RssFile", "max"), "", ""),
        row("RssShmem, MiB, max", *memory("RssShmem", "max"), "", ""),
        row("write lock held, p99, ms", latency["writeLock"]["p99"], packet_latency["writeLock"]["p99"],
            f"< {MOST_LOCK_HOLD_MS}", percentile_verdict(latency["writeLock"]["p99"], MOST_LOCK_HOLD_MS)),
        row("received to visible, p99, ms", latency["receiveToCommit"]["p99"], packet_latency["receiveToCommit"]["p99"],
            f"< {MOST_VISIBLE_MS}", percentile_verdict(latency["receiveToCommit"]["p99"], MOST_VISIBLE_MS)),
        row("WAL bytes per message", default["wal_bytes_per_message"], per_packet["wal_bytes_per_message"],
            f"< {count(GO_INGESTOR_WAL_BYTES)}", verdict(default["wal_bytes_per_message"], GO_INGESTOR_WAL_BYTES), 0),
        row("database bytes per message (checkpoints)", default["database_bytes_per_message"],
            per_packet["database_bytes_per_message"], "", "", 0),
        row("bytes sent to disk per message, by the kernel", default["written_bytes_per_message"],
            per_packet["written_bytes_per_message"], "", "", 0),
        row("checkpoints", default["disk"]["checkpoints"], per_packet["disk"]["checkpoints"], "", "", 0),
        row("transactions", default["transactions"], per_packet["transactions"], "", "", 0),
        row("messages lost", default["lost"], per_packet["lost"], "0", verdict(default["lost"], 0), 0)]
    print_table(f"{result['rate']} messages a second ({result['pacing']}), QoS {result['qos']}: default settings for "
                f"{default['seconds']:.0f} s, a commit per packet for {per_packet['seconds']:.0f} s",
                ["", "default", "mark", "", "per packet"], rows)
    threads = sorted(default["threads_percent"].items(), key=lambda item: -item[1])
    print("  CPU by thread, %: " + ", ".join(f"{name} {percent:.2f}" for name, percent in threads if percent >= 0.005))
    if not (default["balanced"] and per_packet["balanced"]):
        print("  the ledger is OFF")
    if "traced" in result:
        calls = traced["traced_calls"]
        own = round(traced["syncs_per_second"] * traced["seconds"])
        print(f"  under strace, {traced['seconds']:.0f} s: " +
              ", ".join(f"{number} {name}" for name, number in calls.items()) +
              f"; the stats file has {own} fsyncs in the same time")
    print("  the percentiles count from the start of the process; a committed row is a visible one")
