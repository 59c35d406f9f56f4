import os
import select
import signal
import subprocess
import time

from .failure import Failure


class Child:
    """A process of ours: when it began and ended, what it cost, and no way to outlive us.

    It gets a session of its own, so that Ctrl-C reaches the experiment alone, which then ends its processes in order.
    """

    def __init__(self, command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                 environment=None):
        self.name = os.path.basename(str(command[0]))
        self.began = time.monotonic()
        self.process = subprocess.Popen([str(part) for part in command], stdin=stdin, stdout=stdout, stderr=stderr,
                                        env=environment, start_new_session=True)
        self.pid = self.process.pid
        self.ended = None  # when
        self.status = None
        self.cpu_seconds = None  # of its whole life, once it has ended
        self._handle = os.pidfd_open(self.pid)

    def runs(self):
        if self.ended is None:
            self._wait_ready(0)
        return self.ended is None

    def wait(self, timeout):
        """Its exit status. A process that does not end in time is the end of the experiment."""
        if self.ended is None and not self._wait_ready(timeout):
            raise Failure(f"{self.name} has not ended within {timeout:.0f} s")
        return self.status

    def stop(self, patience=30):
        """Asks it to end; kills it when it does not."""
        if not self.runs():
            return
        self.process.send_signal(signal.SIGTERM)
        if not self._wait_ready(patience):
            self.process.kill()
            self._wait_ready(patience)

    def _wait_ready(self, timeout):
        ready, _, _ = select.select([self._handle], [], [], timeout)
        if not ready:
            return False
        self.ended = time.monotonic()
        _, status, usage = os.wait4(self.pid, 0)
        os.close(self._handle)
        self.status = self.process.returncode = os.waitstatus_to_exitcode(status)
        self.cpu_seconds = usage.ru_utime + usage.ru_stime
        return True
