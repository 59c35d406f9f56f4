import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

from .child import Child
from .failure import Failure

PROGRAMS = {"sluice": "src/app/sluice", "synth": "tools/synth/sluice-synth", "replay": "tools/replay/sluice-replay"}


def progress(text):
    print(f"... {text}", file=sys.stderr, flush=True)


class Workbench:
    """The folder and the processes of one call; both are gone when it is left, however that happens."""

    def __init__(self, build, folder):
        build = pathlib.Path(build).resolve()
        self.programs = {name: build / place for name, place in PROGRAMS.items()}
        for program in self.programs.values():
            if not program.exists():
                raise Failure(f"{program} is not there; build it first: ninja -C {build} {' '.join(PROGRAMS.values())}")
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="sluice-measure-", dir=folder or build))
        self.children = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for child in reversed(self.children):
            child.stop()
        shutil.rmtree(self.work, ignore_errors=True)

    def path(self, name):
        return self.work / name

    def fresh_folder(self, name):
        folder = self.path(name)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder

    def start(self, command, **options):
        child = Child(command, **options)
        self.children = [other for other in self.children if other.runs()] + [child]
        return child

    def run(self, command, timeout, log="run.log", accept=(0,), watch=None, **options):
        """Runs it to its end. What it prints goes to the file `log`; `watch(pid)` is called all the while."""
        with open(self.path(log), "w", encoding="utf-8") as out:
            child = self.start(command, **{"stdout": out, "stderr": subprocess.STDOUT, **options})
        deadline = time.monotonic() + timeout
        while watch and child.runs() and time.monotonic() < deadline:
            watch(child.pid)
        child.wait(max(0.0, deadline - time.monotonic()))
        if child.status not in accept:
            raise Failure(f"{child.name} ended with {child.status}:\n{tail(self.path(log))}")
        return child

    def wait_until(self, is_so, timeout, what, pause=0.05):
        deadline = time.monotonic() + timeout
        while not is_so():
            if time.monotonic() > deadline:
                raise Failure(f"{what}: not within {timeout:.0f} s")
            time.sleep(pause)

    def need_disk(self, size):
        free = shutil.disk_usage(self.work).free
        if size > 0.9 * free:
            raise Failure(f"this needs about {size / 1e9:.1f} GB in {self.work.parent}, where {free / 1e9:.1f} GB are "
                          "free; --dir takes another folder")


def find_program(name, package):
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if not path:
        raise Failure(f"{name} is not installed (package {package}; tools/packages bench installs it)")
    return path


def tail(path, lines=30):
    try:
        return "\n".join(pathlib.Path(path).read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
    except OSError as error:
        return str(error)
