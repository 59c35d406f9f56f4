#include "app/supervision.h"

#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/shutdown.h"
#include "app/watched_stages.h"
#include "base/log.h"

namespace sluice {
namespace {

using namespace std::chrono_literals;

constexpr auto kStatusEvery = 10s;
constexpr auto kRemindEvery = 60s;
constexpr auto kPatience = 30s;

std::uint64_t per_second(std::uint64_t count, MonoTime::duration time) {
  const double seconds = std::chrono::duration<double>(time).count();
  return seconds > 0
             ? static_cast<std::uint64_t>(std::llround(static_cast<double>(count) / seconds))
             : 0;
}

}  // namespace

std::string_view to_string(Health::State state) noexcept {
  switch (state) {
    case Health::State::kOk:
      return "ok";
    case Health::State::kDegraded:
      return "degraded";
    case Health::State::kUnhealthy:
      break;
  }
  return "unhealthy";
}

std::string to_line(const Health& health) {
  if (health.reasons.empty()) return std::string(to_string(health.state));
  return fmt::format("{}: {}", to_string(health.state), fmt::join(health.reasons, "; "));
}

Supervision::Supervision(const Config& config, const Pipeline& pipeline, const Receivers& receivers,
                         const Clock& clock)
    : config_(config),
      pipeline_(pipeline),
      receivers_(receivers),
      clock_(clock),
      service_(process_variable, clock),
      journals_(pipeline, clock),
      counted_at_(clock.mono()) {}

void Supervision::still_starting() {
  watch_journals();
  health_.reasons = journals_.reasons();
  health_.reasons.insert(health_.reasons.begin(), "waiting for the database");
  health_.state = Health::State::kDegraded;
  service_.status("starting: waiting for the database");
  service_.more_time(kPatience);
}

void Supervision::started(const PipelineThreads& threads, const KeeperThread& keeper) {
  std::vector<WatchedStage> watched = watched_stages(pipeline_, threads);
  watched.push_back(watched_helper(keeper.thread()));
  for (WatchedStage& receiver : watched_receivers(receivers_)) {
    watched.push_back(std::move(receiver));
  }
  stages_.emplace(std::move(watched), clock_,
                  StageWatchdogOptions{.give_up_after = config_.sluice.stall_timeout});
  service_.ready();
}

void Supervision::step() {
  if (!stages_) return;
  for (const WatchdogLine& line : stages_->step()) log_line(line.level, line.text);
  watch_journals();
  judge();
  if (stages_->hopeless()) die_of_stall(pipeline_);
  service_.ready();
  service_.alive();
  if (stopping_) {
    service_.stopping();
    service_.more_time(kPatience);
  }
  tell_status();
}

void Supervision::stopping() {
  stopping_ = true;
  service_.stopping();
}

void Supervision::watch_journals() {
  for (const WatchdogLine& line : journals_.step()) log_line(line.level, line.text);
}

void Supervision::judge() {
  health_.reasons = stages_->complaints();
  for (std::string& reason : degradations(pipeline_)) health_.reasons.push_back(std::move(reason));
  for (std::string& reason : journals_.reasons()) health_.reasons.push_back(std::move(reason));
  const bool worth_a_line = !health_.reasons.empty();
  const std::size_t absent = receivers_.size() - receivers_.connected();
  if (absent > 0 && !stopping_) {
    health_.reasons.push_back(
        fmt::format("{} of {} brokers not connected", absent, receivers_.size()));
  }
  health_.state = health_.reasons.empty() ? Health::State::kOk : Health::State::kDegraded;
  if (stages_->hopeless()) health_.state = Health::State::kUnhealthy;
  // Brokers have lines of their own.
  const MonoTime now = clock_.mono();
  if (worth_a_line && (degraded_told_ == MonoTime::min() || now - degraded_told_ >= kRemindEvery)) {
    degraded_told_ = now;
    log_warn("{}", to_line(health_));
  } else if (!worth_a_line) {
    degraded_told_ = MonoTime::min();
  }
}

void Supervision::tell_status() {
  const MonoTime now = clock_.mono();
  if (now < next_status_) return;
  next_status_ = now + kStatusEvery;
  const LedgerTotals totals = pipeline_.metrics().ledger.totals();
  const std::uint64_t settled = totals.committed + totals.merged;
  const auto time = now - counted_at_;
  service_.status(fmt::format("{}{}; received {}/s, written {}/s, {} waiting",
                              stopping_ ? "stopping; " : "", to_line(health_),
                              per_second(totals.received - received_, time),
                              per_second(settled - settled_, time), totals.in_flight));
  received_ = totals.received;
  settled_ = settled;
  counted_at_ = now;
}

}  // namespace sluice
