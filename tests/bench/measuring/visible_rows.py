import contextlib
import sqlite3
import threading
import time

PAUSE_S = 0.05


def rows_in(database):
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return connection.execute("SELECT count(*) FROM observations").fetchone()[0]


class VisibleRows:
    """Looks at the database as any other program would, every 50 ms: when did how many observations become visible?

    Only the highest id is read, which costs a page or two, and no read transaction stays open between two looks.
    """

    def __init__(self, database):
        self._database = database
        self._samples = []  # (when, highest id), whenever it has changed
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def last_change(self):
        """When the last row became visible; None if there is none. At most 50 ms late."""
        return self._samples[-1][0] if self._samples else None

    def when(self, fraction):
        """When so much of what is visible at the end had become visible."""
        target = fraction * self._samples[-1][1] if self._samples else 0
        return next((when for when, highest in self._samples if highest >= target), None)

    def _run(self):
        connection = sqlite3.connect(f"file:{self._database}?mode=ro", uri=True, isolation_level=None, timeout=0)
        highest = 0
        while not self._stop.wait(PAUSE_S):
            try:
                now = connection.execute("SELECT max(id) FROM observations").fetchone()[0] or 0
            except sqlite3.Error:
                continue
            if now != highest:
                highest = now
                self._samples.append((time.monotonic(), highest))
        connection.close()
