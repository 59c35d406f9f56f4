import os
import pwd
import socket

from . import proc_files
from .failure import Failure
from .workbench import find_program, tail

# Nothing is dropped on its way to a slow reader, so what is missing at the end is not the broker's doing. Subscriptions
# are logged, which tells when a subscriber is really there.
CONFIG = """listener {port} 127.0.0.1
allow_anonymous true
persistence false
user {user}
max_queued_messages 0
max_queued_bytes 0
log_dest stderr
log_type error
log_type subscribe
"""


class Mosquitto:
    """A broker for one run: what an earlier run left in its queues and its memory is nobody's problem."""

    def __init__(self, bench):
        self._bench = bench
        self._log = bench.path("mosquitto.log")

    def __enter__(self):
        for _ in range(5):
            self.port = _free_port()
            self.url = f"mqtt://127.0.0.1:{self.port}"
            config = self._bench.path("mosquitto.conf")
            config.write_text(CONFIG.format(port=self.port, user=pwd.getpwuid(os.getuid()).pw_name), encoding="utf-8")
            with open(self._log, "w", encoding="utf-8") as log:
                self._child = self._bench.start([find_program("mosquitto", "mosquitto"), "-c", config], stderr=log)
            try:
                self._bench.wait_until(lambda: _answers(self.port) or not self._child.runs(), 10, "mosquitto")
            except Failure:
                self._child.stop()
            if self._child.runs():  # else somebody else took the port in between
                return self
        raise Failure(f"mosquitto does not start:\n{tail(self._log)}")

    def __exit__(self, *_):
        self._child.stop()

    def wait_for_subscriber(self):
        self._bench.wait_until(lambda: " 0 #" in tail(self._log) or " 1 #" in tail(self._log), 30, "subscribing")

    def cpu_seconds(self):
        return proc_files.cpu_seconds(self._child.pid)

    def peak_memory_mib(self):
        return proc_files.memory_mib(self._child.pid).get("VmHWM")


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False
