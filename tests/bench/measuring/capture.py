import json

from .workbench import progress


def make_capture(bench, name, messages, **options):
    """A made-up network's capture and what it holds, made once for each name."""
    path, summary = bench.path(f"{name}.jsonl"), bench.path(f"{name}.summary.json")
    if not path.exists():
        progress(f"making {messages:,} messages")
        bench.run(synth_command(bench, messages, out=path, summary=summary, **options), timeout=120 + messages / 5000)
    return path, json.loads(summary.read_text(encoding="utf-8"))


def synth_command(bench, messages, **options):
    command = [bench.programs["synth"], "--quiet", "--messages", messages]
    for key, value in options.items():
        command += ["--" + key.replace("_", "-"), value]
    return command
