import json

from .failure import Failure
from .workbench import tail


class Publisher:
    """sluice-replay at work. `began` is when its process was started: some 10 ms before its first message."""

    def __init__(self, bench, broker, capture, qos, pace):
        self._report, self._errors = bench.path("replay.json"), bench.path("replay.log")
        command = [bench.programs["replay"], capture, "--broker", broker.url, "--qos", qos, "--no-retain", "--json",
                   "--quiet", *pace]
        with open(self._report, "w", encoding="utf-8") as out, open(self._errors, "w", encoding="utf-8") as errors:
            self._child = bench.start(command, stdout=out, stderr=errors)
        self.began = self._child.began

    def runs(self):
        return self._child.runs()

    def finish(self, timeout):
        """Its own report, with the CPU time it took."""
        self._child.wait(timeout)
        try:
            report = json.loads(self._report.read_text(encoding="utf-8"))
        except ValueError:
            report = {}
        if not report.get("complete"):
            raise Failure(f"not everything could be published: {report}\n{tail(self._errors)}")
        report["cpu_seconds"] = self._child.cpu_seconds
        report["ended"] = self._child.ended
        return report
