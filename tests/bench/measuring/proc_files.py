"""What the kernel says about a process. A process that has ended has no numbers: None, or nothing."""

import os
import pathlib
import re

TICKS = os.sysconf("SC_CLK_TCK")


def _read(path):
    try:
        return pathlib.Path(path).read_text(encoding="utf-8", errors="replace")
    except (OSError, ProcessLookupError):
        return None


def cpu_seconds(pid):
    """User and system time of all its threads, also of those that have ended."""
    text = _read(f"/proc/{pid}/stat")
    if text is None:
        return None
    fields = text.rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_mib(pid):
    text = _read(f"/proc/{pid}/status") or ""
    found = re.findall(r"^(RssAnon|RssFile|RssShmem|VmHWM):\s+(\d+)", text, re.M)
    return {key: int(value) / 1024 for key, value in found}


def written_bytes(pid):
    """What it has made the kernel send to disk: pages that became dirty, the journal's mapping included."""
    found = re.search(r"^write_bytes: (\d+)", _read(f"/proc/{pid}/io") or "", re.M)
    return int(found.group(1)) if found else None


def children_of(pid):
    children = []
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        children += [int(child) for child in (_read(task) or "").split()]
    return children


def thread_seconds(pid, tid):
    """CPU time of one thread: to the nanosecond where the scheduler keeps it, else in ticks."""
    text = _read(f"/proc/{pid}/task/{tid}/schedstat")
    if text and not text.startswith("0 0 0"):
        return int(text.split()[0]) / 1e9
    return cpu_seconds(f"{pid}/task/{tid}")


def thread_name(pid, tid):
    return (_read(f"/proc/{pid}/task/{tid}/comm") or "").strip()


def threads_of(pid):
    try:
        return os.listdir(f"/proc/{pid}/task")
    except OSError:
        return []
