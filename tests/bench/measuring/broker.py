"""Through mosquitto on this machine: what Sluice sustains, beside mosquitto_sub with its output thrown away.

Rounds of mosquitto_sub, Sluice at QoS 0 and Sluice at QoS 1 in turns, each with a broker and a database of its own and
as fast as the publisher goes; then one run at a fixed rate.
"""

from . import proc_files
from .capture import make_capture
from .failure import Failure
from .mosquitto import Mosquitto
from .publisher import Publisher
from .sluice_run import SluiceRun, lost_of
from .thread_watch import ThreadWatch
from .table import count, median, print_table, real, spread
from .visible_rows import VisibleRows, rows_in
from .workbench import find_program, progress

GOAL_RATIO = 0.6
CALIBRATION_MESSAGES = 200_000
# Of a capture and of a database with its WAL, generously.
BYTES_PER_MESSAGE = 2500
LAG_THAT_HOLDS_S = 3  # as sluice-load judges it
SHORTEST_TELLING_S = 20
MAX_SPEED = ["--speed", "max"]


def add_options(parser):
    parser.add_argument("--seconds", type=float, default=120, help="length of a run (%(default)g)")
    parser.add_argument("--messages", type=int, help="of an unpaced run, instead of what a calibration finds")
    parser.add_argument("--rounds", type=int, default=3, help="(%(default)s)")
    parser.add_argument("--rate", type=int, default=40_000, help="of the paced run, 0 leaves it out (%(default)s)")
    parser.add_argument("--rows", type=int, default=50_000, help="groupCommitMaxRows (%(default)s)")
    parser.add_argument("--journal-mib", type=int, help="sluice.journal.maxBytes, if not the default of 256 MiB: what "
                                                        "does not fit there is dropped at QoS 0")
    parser.add_argument("--sub-qos1", action="store_true", help="mosquitto_sub at QoS 1, too")


def measure(bench, options, result):
    keys = {"groupCommitMaxRows": options.rows}
    if options.journal_mib:
        keys["sluice"] = {"journal": {"maxBytes": options.journal_mib * 1024 * 1024}}
    messages = options.messages or messages_for(bench, options.seconds, keys)
    paced = int(options.rate * options.seconds)
    bench.need_disk(max(messages, paced) * BYTES_PER_MESSAGE)

    variants = {"mosquitto_sub": lambda capture: run_mosquitto_sub(bench, capture, messages, 0)}
    if options.sub_qos1:
        variants["mosquitto_sub, QoS 1"] = lambda capture: run_mosquitto_sub(bench, capture, messages, 1)
    for qos in (0, 1):
        variants[f"Sluice, QoS {qos}"] = (
            lambda capture, qos=qos: run_sluice(bench, capture, messages, qos, keys, MAX_SPEED))
    capture, summary = make_capture(bench, "broker", messages, observers=300)
    runs = {name: [] for name in variants}
    result.update(messages=messages, capture=summary, runs=runs)
    for round_number in range(options.rounds):
        for name, run in variants.items():
            progress(f"broker, round {round_number + 1} of {options.rounds}, {name}, {messages:,} messages")
            runs[name].append(run(capture))
            progress(f"  {runs[name][-1]['messages_per_second']:,.0f} messages per second")
    capture.unlink()

    if paced:
        capture, _ = make_capture(bench, "broker-paced", paced, observers=300)
        progress(f"broker, {options.rate:,} messages per second for {options.seconds:g} s")
        result["paced"] = run_sluice(bench, capture, paced, 0, keys, ["--rate", options.rate])
        result["paced"].update(judge_pace(result["paced"], options.rate))
        capture.unlink()


def messages_for(bench, seconds, keys):
    progress(f"calibration, {CALIBRATION_MESSAGES:,} messages")
    capture, _ = make_capture(bench, "broker-calibration", CALIBRATION_MESSAGES, observers=300)
    rate = run_sluice(bench, capture, CALIBRATION_MESSAGES, 0, keys, MAX_SPEED)["messages_per_second"]
    capture.unlink()
    return max(1000, int(round(rate * seconds, -3)))


def patience(messages):
    return 60 + messages / 1000


def run_mosquitto_sub(bench, capture, messages, qos):
    with Mosquitto(bench) as broker:
        program = find_program("mosquitto_sub", "mosquitto-clients")
        subscriber = bench.start([program, "-h", "127.0.0.1", "-p", broker.port, "-t", "#", "-q", qos, "-C", messages])
        broker.wait_for_subscriber()
        broker_before = broker.cpu_seconds()
        publisher = Publisher(bench, broker, capture, qos, MAX_SPEED)
        report = publisher.finish(patience(messages))
        subscriber.wait(patience(messages))
        if subscriber.status != 0:
            raise Failure(f"mosquitto_sub ended with {subscriber.status}")
        seconds = subscriber.ended - publisher.began
        return {"messages_per_second": messages / seconds, "seconds": seconds, "publishing_seconds": report["seconds"],
                "lost": 0, "broker_peak_mib": broker.peak_memory_mib(),
                "cpu_seconds": {"broker": broker.cpu_seconds() - broker_before, "publisher": report["cpu_seconds"],
                                "subscriber": subscriber.cpu_seconds}}


def run_sluice(bench, capture, messages, qos, keys, pace):
    with Mosquitto(bench) as broker, SluiceRun(bench, broker, keys, qos) as sluice, \
            VisibleRows(sluice.database) as visible:
        cpu_before = {"broker": broker.cpu_seconds(), "subscriber": proc_files.cpu_seconds(sluice.pid)}
        publisher = Publisher(bench, broker, capture, qos, pace)
        # Accounts are looked at while it publishes, too: the journal's fill is of interest.
        account = sluice.wait_for_all(messages)
        cpu = {"broker": broker.cpu_seconds(), "subscriber": proc_files.cpu_seconds(sluice.pid)}
        report = publisher.finish(patience(messages))
        memory = proc_files.memory_mib(sluice.pid)
        threads = ThreadWatch()
        threads.look(sluice.pid)
        output = sluice.stop()
        end = visible.last_change()
        if end is None:
            raise Failure("no row became visible")
        half = visible.when(0.5)
        seconds, lost = end - publisher.began, lost_of(account, report["published"])
        rows = rows_in(sluice.database)
        return {"messages_per_second": (messages - lost) / seconds, "seconds": seconds,
                "publishing_seconds": report["seconds"],
                "lag_at_half_seconds": half - (publisher.began + report["seconds"] / 2),
                "lag_at_end_seconds": end - (publisher.began + report["seconds"]),
                "publisher_most_late_seconds": report["most_late_seconds"],
                "lost": lost, "balanced": "ledger: balanced" in output and rows == account["rows"],
                "rows_in_database": rows,
                "account": account, "broker_peak_mib": broker.peak_memory_mib(), "peak_mib": memory.get("VmHWM"),
                "threads_seconds": threads.by_name(),
                "cpu_seconds": {"publisher": report["cpu_seconds"],
                                **{name: cpu[name] - cpu_before[name] for name in cpu}}}


def judge_pace(run, rate):
    reasons = []
    if run["lost"]:
        reasons.append(f"{run['lost']:,} messages lost")
    if not run["balanced"]:
        reasons.append("the ledger is off")
    if run["publisher_most_late_seconds"] > 1:
        reasons.append(f"the publisher itself fell {run['publisher_most_late_seconds']:.1f} s behind its pace")
    if run["lag_at_end_seconds"] > LAG_THAT_HOLDS_S:
        reasons.append(f"the last row was visible {run['lag_at_end_seconds']:.1f} s after the last message")
    return {"rate": rate, "holds": not reasons, "reasons": reasons}


def show(result):
    messages, runs = result["messages"], result["runs"]
    rates = {name: [run["messages_per_second"] for run in of_name] for name, of_name in runs.items()}
    ratios = {name: median([rate / base for rate, base in zip(values, rates["mosquitto_sub"])])
              for name, values in rates.items()}

    def cpu(of_name, who):
        return real(median([run["cpu_seconds"][who] for run in of_name]) / messages * 1e6)

    print_table(f"Through the broker, {messages:,} messages as fast as they can be published, from the first sent\n"
                "to the last row visible (looked at every 50 ms), of mosquitto_sub to its end; CPU in µs a message",
                ["", "messages/s", "range", "× mosquitto_sub", "seconds", "broker", "publisher", "subscriber", "lost",
                 "account"],
                [[name, count(median(rates[name])), spread(rates[name]), real(ratios[name], 2),
                  real(median([run["seconds"] for run in of_name])),
                  cpu(of_name, "broker"), cpu(of_name, "publisher"), cpu(of_name, "subscriber"),
                  count(sum(run["lost"] for run in of_name)), ledger_word(of_name)] for name, of_name in runs.items()])
    whole = all(run["balanced"] and not run["lost"] for run in runs["Sluice, QoS 0"])
    good = whole and ratios["Sluice, QoS 0"] >= GOAL_RATIO
    short = median([run["seconds"] for run in runs["Sluice, QoS 0"]]) < SHORTEST_TELLING_S
    print(f"  goal at QoS 0: {GOAL_RATIO} × mosquitto_sub and nothing lost: {'ok' if good else 'MISSED'}" +
          (", but so short a run says more about the last window's wait than about the rate" if short else ""))
    for name, of_name in runs.items():
        if "account" in of_name[0]:
            show_account(name, of_name, messages)
    capture = result["capture"]
    print(f"  the capture has {capture['malformed']:,} malformed and {capture['badly_signed']:,} badly signed records, "
          f"and {capture['repeats']:,} repeats")
    if "paced" in result:
        paced = result["paced"]
        verdict = "holds" if paced["holds"] else "does not hold: " + "; ".join(paced["reasons"])
        print(f"\n{paced['rate']:,} messages per second for {paced['publishing_seconds']:.0f} s, QoS 0: {verdict}\n"
              f"  behind by {paced['lag_at_half_seconds']:.2f} s at half time, by {paced['lag_at_end_seconds']:.2f} s "
              f"at the end (windows of up to 1 s included)\n  CPU seconds: " +
              ", ".join(f"{who} {seconds:.1f}" for who, seconds in paced["cpu_seconds"].items()))


def show_account(name, of_name, messages):
    account = of_name[0]["account"]
    threads = sorted(((seconds / messages * 1e6, name) for name, seconds in of_name[0]["threads_seconds"].items()),
                     reverse=True)
    journal = max(run["account"]["most_journal_bytes"] for run in of_name) / 2**20
    print(f"  {name}, first round: {account['received']:,} received, {account['committed']:,} committed, "
          f"{account['merged']:,} merged\n    rejected: {in_words(account['rejected'])}\n"
          f"    dropped: {in_words(account['dropped'])}; at most {journal:,.0f} MiB of journal\n"
          "    µs a message by thread: " + ", ".join(f"{thread} {cost:.2f}" for cost, thread in threads[:6]))


def in_words(reasons):
    return ", ".join(f"{number:,} {reason}" for reason, number in reasons.items()) or "none"


def ledger_word(of_name):
    if "balanced" not in of_name[0]:
        return "-"
    return "balanced" if all(run["balanced"] for run in of_name) else "OFF"
