#include "load_test.h"

#include <stdexcept>

#include <fmt/format.h>

#include "base/clock.h"
#include "base/timestamp_text.h"
#include "capture_rounds.h"
#include "introduction.h"
#include "number_text.h"
#include "stop_signal.h"

namespace sluice {
namespace {

/// Of disk for each message, with its share of the write-ahead log.
constexpr std::uint64_t kBytesPerMessage = 1500;
constexpr std::uint64_t kBytesToSpare = std::uint64_t{256} << 20;

std::string ingestor_text(const LoadOptions& options, const IngestorWatch& watch) {
  std::string text = options.pid ? process_name(*options.pid) : "";
  if (watch.stats() && watch.stats()->has_own) text = "sluice " + watch.stats()->version;
  if (options.pid) text += fmt::format(" (process {})", *options.pid);
  return text;
}

}  // namespace

void LoadTest::say(const std::string& line) const {
  if (!options_.quiet) fmt::print(stderr, "{}\n", line);
}

LoadReport LoadTest::run() {
  const RunMark mark = RunMark::fresh();
  LoadReport report;
  report.began = TimestampText(SystemClock().wall()).view();
  report.command_line = options_.command_line;
  report.mark = mark.observer_prefix();
  report.searched = options_.find_limit;
  report.machine = describe_machine(options_.database);

  CaptureRounds capture(options_.capture, 1);
  TemplateSet templates(capture, mark);
  const ReadOnlyDatabase database(options_.database);
  ObserverRows observers(database, templates.observers(), mark.observer_prefix());
  introduce(templates, observers, report);
  report.network_rate =
      options_.network_rate > 0 ? options_.network_rate : templates.recorded_rate();

  StepRunner runner(options_, templates, mark, database, observers);
  report.ingestor = ingestor_text(options_, runner.ingestor());
  if (!runner.ingestor().stats()) say("no stats file: only the database and /proc are watched");
  if (!runner.ingestor().has_process()) say("no process given: CPU and memory are not watched");
  try {
    run_steps(runner, report);
    report.vanished_rows = runner.vanished_rows(report.steps);
  } catch (const std::exception& e) {
    report.fault = e.what();
  }
  report.timeline = runner.timeline();
  report.latencies = runner.latencies();
  return report;
}

void LoadTest::introduce(TemplateSet& templates, ObserverRows& rows, LoadReport& report) const {
  say(fmt::format("{} messages to publish over and over, of {} observers ({} lines are of no use)",
                  count_text(templates.messages().size()), templates.observers().size(),
                  count_text(templates.left_out())));
  const std::vector<bool> missing = introduce_observers(options_, templates.observers(), rows);
  std::size_t gone = 0;
  for (const bool one : missing) gone += one ? 1 : 0;
  if (gone > 0) {
    templates.forget_observers(missing);
    say(
        fmt::format("{} observers are not let in, a filter of the ingestor perhaps; what they "
                    "say is left out",
                    gone));
  }
  report.templates = templates.messages().size();
  report.observers = templates.observers().size() - gone;
}

void LoadTest::run_steps(StepRunner& runner, LoadReport& report) const {
  if (options_.find_limit) {
    search_limit(runner, report);
  } else {
    run_step(runner, options_.rate, report);
  }
}

bool LoadTest::run_step(StepRunner& runner, double rate, LoadReport& report) const {
  const auto messages = static_cast<std::uint64_t>(rate * options_.seconds);
  const std::uint64_t needed = messages * kBytesPerMessage + kBytesToSpare;
  if (const std::uint64_t room = free_disk_bytes(options_.database); room < needed) {
    report.fault = fmt::format("{} MiB are free beside the database, and the next step wants {}",
                               room >> 20, needed >> 20);
    return false;
  }
  report.steps.push_back(runner.run(rate, options_.seconds));
  const StepResult& step = report.steps.back();
  say(step_text(step));
  if (step.verdict != StepVerdict::kInterrupted) return true;
  report.fault = step.fault;
  return false;
}

void LoadTest::search_limit(StepRunner& runner, LoadReport& report) const {
  LimitSearch search(options_.search);
  while (const auto rate = search.next()) {
    if (!run_step(runner, *rate, report)) break;
    search.report(outcome_of(options_.rules, report.steps.back()));
  }
  report.highest_held = search.highest_held();
  report.lowest_failed = search.lowest_failed();
}

}  // namespace sluice
