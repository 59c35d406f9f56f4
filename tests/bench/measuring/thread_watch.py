import time

from . import proc_files

PAUSE_S = 0.01


class ThreadWatch:
    """Remembers what each thread of a process had used when it was last seen: a thread's account ends with it.

    What a thread does in its last 10 ms may be missing, which is why the process's own account stands beside it.
    """

    def __init__(self):
        self._seconds = {}
        self._names = {}

    def look(self, pid):
        for tid in proc_files.threads_of(pid):
            seconds = proc_files.thread_seconds(pid, tid)
            name = proc_files.thread_name(pid, tid)
            if seconds is not None and name:
                self._seconds[tid] = seconds
                self._names[tid] = name

    def look_and_pause(self, pid):
        self.look(pid)
        time.sleep(PAUSE_S)

    def by_name(self):
        """Threads of one kind in one: decode-1 and decode-2 are decode."""
        sums = {}
        for tid, seconds in self._seconds.items():
            kind = self._names[tid].rstrip("0123456789").rstrip("-")
            sums[kind] = sums.get(kind, 0.0) + seconds
        return sums
