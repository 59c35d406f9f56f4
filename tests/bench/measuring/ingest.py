"""One transaction per window against a commit per packet: 50,000 rows, the default, and none, in turns."""

from .capture import make_capture
from .table import count, median, print_table, real, spread
from .workbench import progress

MODES = {"50,000 rows": ["--group-commit-max-rows", "50000"], "default": [], "per packet": ["--group-commit-ms", "0"]}


def add_options(parser):
    parser.add_argument("--messages", type=int, default=300_000, help="of a run; per packet a tenth (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="(%(default)s)")


def measure(bench, options, result):
    # A commit per packet is so slow that it gets a tenth of the messages; rates are compared, not times.
    sizes = {name: max(1, options.messages // 10) if name == "per packet" else options.messages for name in MODES}
    captures = {size: make_capture(bench, f"ingest-{size}", size, observers=300)[0] for size in set(sizes.values())}
    rates = {name: [] for name in MODES}
    result.update(messages=sizes, messages_per_second=rates)
    for round_number in range(options.rounds):
        for name, mode in MODES.items():
            progress(f"ingest, round {round_number + 1} of {options.rounds}, {name}")
            rates[name].append(sizes[name] / ingest_seconds(bench, captures[sizes[name]], sizes[name], mode))


def ingest_seconds(bench, capture, messages, mode):
    database = bench.fresh_folder("ingest") / "mesh.db"
    child = bench.run([bench.programs["sluice"], "ingest", capture, "--db", database, "--log-level", "error", *mode],
                      timeout=60 + messages / 100)
    return child.ended - child.began


def show(result):
    rates = result["messages_per_second"]
    base = median(rates["per packet"])
    print_table("Ingest from a file, messages per second (start and final checkpoint included)",
                ["window", "median", "range", "× per packet"],
                [[name, count(median(values)), spread(values), real(median(values) / base)]
                 for name, values in rates.items()])
