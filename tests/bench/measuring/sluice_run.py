import datetime
import json
import os
import time

from . import proc_files
from .failure import Failure
from .workbench import tail

class SluiceRun:
    """`sluice run` with a fresh database, until the end of the with-block."""

    def __init__(self, bench, broker, keys=None, qos=None, wrapper=()):
        self._bench, self._wrapper = bench, list(wrapper)
        self._folder = bench.fresh_folder("sluice")
        self.database = self._folder / "mesh.db"
        # Everything: a capture has topics that are not the network's, too, and they have to be accounted for.
        source = {"name": "bench", "broker": broker.url, "topics": ["#"]}
        if qos is not None:
            source["sluice"] = {"qos": qos}
        config = {**(keys or {}), "dbPath": str(self.database), "mqttSources": [source]}
        (self._folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
        self._stats, self._log = self._folder / "stats.json", self._folder / "sluice.log"
        self._output = self._folder / "report.txt"
        self._broker = broker

    def __enter__(self):
        environment = {key: value for key, value in os.environ.items()
                       if key not in ("DB_PATH", "MQTT_BROKER", "MQTT_TOPIC", "CHANNEL_KEYS_PATH")}
        environment["CORESCOPE_INGESTOR_STATS"] = str(self._stats)
        command = [*self._wrapper, self._bench.programs["sluice"], "run", "--config", self._folder / "config.json",
                   "--report"]
        with open(self._log, "w", encoding="utf-8") as log, open(self._output, "w", encoding="utf-8") as output:
            self._child = self._bench.start(command, stdout=output, stderr=log, environment=environment)
        try:
            self._bench.wait_until(lambda: "subscribed to" in tail(self._log) or not self._child.runs(), 30,
                                   "subscribing")
            self.pid = proc_files.children_of(self._child.pid)[0] if self._wrapper else self._child.pid
            self._bench.wait_until(self._stats.exists, 10, "the stats file")
        except (Failure, IndexError) as error:
            self._child.stop()
            raise Failure(f"sluice does not start ({error}):\n{tail(self._log)}") from error
        return self

    def __exit__(self, *_):
        self._child.stop()

    def stats(self):
        # It is renamed into its place, so it is whole whenever it is read.
        return json.loads(self._stats.read_text(encoding="utf-8"))

    def next_stats(self):
        """A sample that is new, with the time at which it was taken."""
        last = self.stats()["sampledAt"]
        self._bench.wait_until(lambda: self.stats()["sampledAt"] != last, 15, "the stats file", pause=0.005)
        stats = self.stats()
        stats["unix"] = datetime.datetime.fromisoformat(stats["sampledAt"].replace("Z", "+00:00")).timestamp()
        return stats

    def account(self):
        stats = self.stats()
        source = stats["sluice"]["sources"][0]
        keys = ("received", "committed", "merged", "rejected", "dropped", "inFlight", "journalBytes")
        # CoreScope counts an observation that merged into a row as inserted.
        return {"rows": stats["obs_inserted"] - source["merged"], **{key: source[key] for key in keys}}

    def wait_for_all(self, messages, patience=30):
        """Until so many messages have their outcome. If nothing moves for `patience` seconds, the rest is lost."""
        last, moved = None, time.monotonic()
        most_journal_bytes = 0
        while True:
            account = self.account()
            most_journal_bytes = max(most_journal_bytes, account["journalBytes"])
            done = account["received"] - account["inFlight"] - account["rejected"].get("redelivered", 0)
            if done >= messages and account["inFlight"] == 0:
                break
            if done != last:
                last, moved = done, time.monotonic()
            if time.monotonic() - moved > patience or not self._child.runs():
                break
            time.sleep(0.1)
        self.next_stats()  # that one may have been taken while the last window's counts were being added up
        return {**self.account(), "most_journal_bytes": most_journal_bytes}

    def stop(self):
        """Its report at the end."""
        if self._wrapper:
            os.kill(self.pid, 15)  # the wrapper ends with it, and finishes its own output
            self._child.wait(60)
        self._child.stop(60)
        if self._child.status != 0:
            raise Failure(f"sluice ended with {self._child.status}:\n{tail(self._log)}")
        return self._output.read_text(encoding="utf-8")


def lost_of(account, published):
    """Messages that were published and have no outcome, or were dropped. What comes twice is not counted twice."""
    once = account["received"] - account["rejected"].get("redelivered", 0)
    return published - once + sum(account["dropped"].values()) + account["inFlight"]
