import itertools
import subprocess

from .capture import synth_command
from .failure import Failure


class CaptureStream:
    """One network's capture, of which piece after piece is taken: the whole need not lie on the disk.

    Between two pieces sluice-synth waits at its full pipe and takes no CPU time from what is measured.
    """

    def __init__(self, bench, messages, **network):
        self._bench = bench
        self._child = bench.start(synth_command(bench, messages, out="-", **network), stdout=subprocess.PIPE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._child.process.stdout.close()  # else it would not come back from its pipe to see the signal
        self._child.stop()

    def take(self, messages, name):
        path = self._bench.path(name)
        with open(path, "wb") as piece:
            lines = 0
            for line in itertools.islice(self._child.process.stdout, messages):
                piece.write(line)
                lines += 1
        if lines < messages:
            raise Failure("sluice-synth ended too early")
        return path
