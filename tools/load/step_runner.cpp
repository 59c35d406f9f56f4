#include "step_runner.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <thread>

#include <fmt/format.h>

#include "number_text.h"
#include "stop_signal.h"

namespace sluice {
namespace {

using std::chrono::duration;

/// Between two looks at the database: how precisely latencies are known.
constexpr std::chrono::milliseconds kLook{50};
/// After so long without news it is worth asking the ingestor whether it has anything left.
constexpr double kQuietSeconds = 3;
constexpr std::size_t kExamples = 5;
/// Windows make latencies jump by so much without meaning anything.
constexpr double kGrowthAllowance = 0.1;

/// A capture's text on a terminal.
std::string printable(std::string text) {
  for (char& c : text) {
    if (c < 0x20 || c > 0x7E) c = '?';
  }
  return text;
}

double thread_cpu_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// How much later than in its second quarter messages become visible in the last quarter of a step,
/// per second in between.
double latency_growth(const std::vector<ExpectedRow>& rows, const std::vector<double>& latency,
                      double seconds) {
  std::vector<double> early;
  std::vector<double> late;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const double part = rows[i].published_at / seconds;
    if (part >= 0.25 && part < 0.5) early.push_back(latency[i]);
    if (part >= 0.75) late.push_back(latency[i]);
  }
  if (early.empty() || late.empty()) return 0;
  const double growth = percentile(late, 0.5) - percentile(early, 0.5) - kGrowthAllowance;
  return std::max(0.0, growth / (seconds / 2));
}

}  // namespace

StepRunner::StepRunner(const LoadOptions& options, const TemplateSet& templates,
                       const RunMark& mark, const ReadOnlyDatabase& database,
                       ObserverRows& observers)
    : options_(options),
      templates_(templates),
      observers_(observers),
      source_(templates, mark),
      visibility_(database, observers),
      check_(database, observers),
      ingestor_(options.pid, options.stats_path),
      progress_(std::chrono::seconds(5), options.quiet),
      run_start_(Clock::now()),
      step_start_(run_start_) {}

double StepRunner::run_time() const { return duration<double>(Clock::now() - run_start_).count(); }
double StepRunner::step_time() const {
  return duration<double>(Clock::now() - step_start_).count();
}

StepResult StepRunner::run(double rate, double seconds) {
  StepResult step;
  step.wanted_rate = rate;
  step.seconds = seconds;
  step.began_at = run_time();
  if (++steps_ == 1) wait_for_stats();  // the observers' introduction is not this step's
  const std::uint64_t counted_before = observers_.messages_counted();
  ingestor_.begin_step();
  visibility_.begin_step();
  step_start_ = Clock::now();
  published_at_point_ = rows_at_point_ = 0;
  source_.begin_step(static_cast<std::uint64_t>(std::max(1.0, std::round(rate * seconds))),
                     step_start_);
  publishing_ = true;
  auto publisher = std::async(std::launch::async, [this, rate] { return publish(rate); });
  watch_publishing(publisher, step);
  publishing_ = false;

  const std::vector<ExpectedRow> expected = expected_rows(source_.log());
  step.rows_expected = expected.size();
  const double last_publish = source_.log().empty() ? 0 : source_.log().back().at_us10 * 1e-5;
  wait_until_visible(expected.size(), step);
  step.lag_at_end = std::max(0.0, visibility_.last_news() - last_publish);
  wait_until_counted(counted_before, step);
  const double took = step_time();
  step.cpu_percent = ingestor_.step_cpu_percent(took);
  wait_for_stats();
  step.ingestor = ingestor_.step_delta(took);
  compare(expected, step);
  progress_.clear();
  judge_step(options_.rules, step);
  return step;
}

StepRunner::PublisherResult StepRunner::publish(double rate) {
  ReplayOptions replay;
  replay.login = options_.login;
  replay.pacer = Pacer::even(rate);
  replay.connections = options_.connections;
  replay.qos = options_.qos;
  replay.keep_retain = false;
  replay.patience = std::max(options_.patience, kLeastBrokerPatience);
  replay.quiet = true;
  Replayer replayer(replay, source_);
  PublisherResult result;
  result.replay = replayer.run();
  result.cpu_seconds = thread_cpu_seconds();
  return result;
}

void StepRunner::watch_publishing(std::future<PublisherResult>& publisher, StepResult& step) {
  while (publisher.wait_for(kLook) != std::future_status::ready) look(step);
  try {
    const PublisherResult result = publisher.get();
    const double giving = std::max(result.replay.giving.count(), 1e-6);
    step.published = source_.log().size();
    step.not_published = step.published - std::min(step.published, result.replay.counts.published);
    step.published_rate =
        static_cast<double>(step.published) / std::max(giving, step.seconds * 0.9);
    step.publisher_cpu_percent = 100 * result.cpu_seconds / giving;
    step.fault = result.replay.fault;
  } catch (const std::exception& e) {
    step.fault = e.what();
  }
  if (stop_requested()) step.fault = "stopped";
  ingestor_.refresh();
  const auto delta = ingestor_.step_delta(1);
  if (delta && delta->has_own) {
    step.not_received_at_end = step.published - std::min(step.published, delta->received);
  }
}

void StepRunner::wait_until_visible(std::uint64_t rows, StepResult& step) {
  double waiting_since = step_time();
  std::uint64_t seen = visibility_.rows();
  while (visibility_.rows() < rows && !stop_requested()) {
    std::this_thread::sleep_for(kLook);
    look(step);
    if (visibility_.rows() != seen) waiting_since = step_time();
    seen = visibility_.rows();
    if (nothing_will_come(step_time() - waiting_since, step)) return;
  }
}

bool StepRunner::nothing_will_come(double quiet, const StepResult& step) const {
  if (quiet > static_cast<double>(options_.patience.count())) return true;
  const auto& stats = ingestor_.stats();
  if (quiet < kQuietSeconds || !stats || !stats->has_own || stats->in_flight > 0) return false;
  return ingestor_.step_delta(1)->received >= step.published;
}

/// Statuses and merged repeats make no row, but they are counted, a little after the last row
/// maybe.
void StepRunner::wait_until_counted(std::uint64_t counted_before, StepResult& step) {
  double waiting_since = step_time();
  std::uint64_t seen = 0;
  while (!stop_requested()) {
    step.counted = observers_.messages_counted() - counted_before;
    if (*step.counted != seen) waiting_since = step_time();
    seen = *step.counted;
    const double quiet = step_time() - waiting_since;
    if (seen >= step.published || (seen == 0 && quiet > kQuietSeconds)) break;
    if (nothing_will_come(quiet, step)) break;
    std::this_thread::sleep_for(kLook);
    look(step);
  }
  // Not every ingestor keeps this count.
  if (step.counted == 0U && visibility_.rows() > 0) step.counted.reset();
}

void StepRunner::wait_for_stats() {
  if (!ingestor_.stats()) return;
  ingestor_.refresh();
  const double deadline = run_time() + static_cast<double>(options_.patience.count());
  for (int samples = 0; samples < 2; ++samples) {
    const std::string before = ingestor_.stats()->sampled_at;
    while (ingestor_.stats()->sampled_at == before && run_time() < deadline && !stop_requested()) {
      std::this_thread::sleep_for(kLook);
      ingestor_.refresh();
    }
  }
}

void StepRunner::compare(const std::vector<ExpectedRow>& expected, StepResult& step) {
  step.first_id = visibility_.first_id();
  step.last_id = visibility_.last_id();
  std::vector<ExpectedRow> found;
  std::vector<double> latency;
  found.reserve(expected.size());
  latency.reserve(expected.size());
  const auto on_found = [&](const ExpectedRow& row, std::int64_t id) {
    found.push_back(row);
    latency.push_back(std::max(0.0, visibility_.visible_at(id) - row.published_at));
  };
  const auto describe = [this](const ExpectedRow& row) {
    const MessageTemplate& message = templates_.messages()[row.message];
    return DatabaseCheck::Identity{source_.rewriter().content_hash(message, row.round),
                                   templates_.observers()[message.observer].id, message.path_json};
  };
  DatabaseCheckResult result =
      check_.compare(expected, step.first_id, step.last_id, on_found, describe);
  if (stop_requested()) {  // nobody has waited for what is not there
    result.missing.clear();
    step.counted.reset();
  }
  step.rows_found = result.found + result.earlier;
  step.rows_in_step = result.found + result.twice + result.unknown;
  step.rows_missing = result.missing.size();
  step.rows_twice = result.twice;
  step.rows_unknown = result.unknown;
  for (const Published& entry : source_.log()) step.statuses += entry.key == 0 ? 1 : 0;
  step.merges = step.published - step.statuses - step.rows_expected;
  note_missing(result.missing, step);
  add_latencies(found, latency, step);
}

void StepRunner::note_missing(const std::vector<ExpectedRow>& missing, StepResult& step) {
  for (const ExpectedRow& row : missing) {
    const MessageTemplate& message = templates_.messages()[row.message];
    const LoadObserver& observer = templates_.observers()[message.observer];
    ++step.missing_by_region[printable(observer.region)];
    if (step.missing_examples.size() == kExamples) continue;
    step.missing_examples.push_back(fmt::format(
        "transmission {:016x} from observer {}, path {}, published {:.2f} s into the step",
        source_.rewriter().content_hash(message, row.round), observer.id, message.path_json,
        row.published_at));
  }
}

void StepRunner::add_latencies(const std::vector<ExpectedRow>& published,
                               const std::vector<double>& latency, StepResult& step) {
  std::map<int, std::vector<double>> by_second;
  for (std::size_t i = 0; i < published.size(); ++i) {
    by_second[static_cast<int>(published[i].published_at)].push_back(latency[i]);
  }
  for (auto& [second, values] : by_second) {
    latencies_.push_back({step.began_at + second, summarise(std::move(values))});
  }
  step.latency_growth = latency_growth(published, latency, step.seconds);
  step.latency = summarise(latency);
  for (const TimelinePoint& point : timeline_) {
    if (point.at < step.began_at || !std::isfinite(point.rss_anon_mib)) continue;
    step.rss_anon_mib_max = std::fmax(step.rss_anon_mib_max, point.rss_anon_mib);
  }
}

void StepRunner::look(const StepResult& step) {
  visibility_.look(step_time());
  const double now = run_time();
  if (now >= next_point_at_) add_point(now, step);
  if (!progress_.due()) return;
  const std::uint64_t published = source_.published();
  std::string line =
      fmt::format("step {}, {}/s, {:.0f} s of {:.0f}: {} published, {} visible", steps_,
                  rate_text(step.wanted_rate), std::min(step_time(), step.seconds), step.seconds,
                  count_text(published), count_text(visibility_.rows()));
  if (!publishing_) line += ", waiting for the rest";
  if (!timeline_.empty() && std::isfinite(timeline_.back().cpu_percent)) {
    line += fmt::format("; CPU {:.0f} %, {:.0f} MiB", timeline_.back().cpu_percent,
                        timeline_.back().rss_anon_mib);
  }
  progress_.show(line);
}

void StepRunner::add_point(double now, const StepResult& step) {
  next_point_at_ = now + 1;
  TimelinePoint point;
  point.at = now;
  const double seconds = now - std::max(last_point_at_, step.began_at);
  const std::uint64_t published = source_.published();
  if (seconds > 0.05) {
    point.published_rate = static_cast<double>(published - published_at_point_) / seconds;
    point.visible_rate = static_cast<double>(visibility_.rows() - rows_at_point_) / seconds;
  }
  if (publishing_) point.wanted_rate = step.wanted_rate;
  ingestor_.sample(now, point);
  last_point_at_ = now;
  published_at_point_ = published;
  rows_at_point_ = visibility_.rows();
  timeline_.push_back(std::move(point));
}

std::uint64_t StepRunner::vanished_rows(const std::vector<StepResult>& steps) {
  std::uint64_t vanished = 0;
  for (const StepResult& step : steps) {
    const std::uint64_t had = step.rows_in_step;
    const std::uint64_t has = check_.count(step.first_id, step.last_id);
    vanished += had > has ? had - has : 0;
  }
  return vanished;
}

}  // namespace sluice
