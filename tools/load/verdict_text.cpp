#include <algorithm>

#include <fmt/format.h>

#include "load_report.h"
#include "number_text.h"

namespace sluice {
namespace {

std::string network_text(const LoadReport& report, double carried) {
  if (!(report.network_rate > 0)) return {};
  const double percent = 100 * report.network_rate / carried;
  return fmt::format(
      " Your network at {} a second uses {} % of it.", rate_text(report.network_rate),
      percent < 10 ? fmt::format("{:.1f}", percent) : fmt::format("{:.0f}", percent));
}

const StepResult* last_failed_step(const LoadReport& report) {
  for (auto step = report.steps.rbegin(); step != report.steps.rend(); ++step) {
    if (report.lowest_failed && step->wanted_rate == *report.lowest_failed &&
        step->verdict != StepVerdict::kHeld) {
      return &*step;
    }
  }
  return nullptr;
}

std::string limit_text(const LoadReport& report) {
  const StepResult* failed = last_failed_step(report);
  if (!report.highest_held) {
    return fmt::format("No rate held, not even {} messages a second{}.",
                       report.lowest_failed ? rate_text(*report.lowest_failed) : "-",
                       failed != nullptr ? ": " + failed->reason : "");
  }
  const double held = *report.highest_held;
  const bool ingestor_is_limit =
      failed != nullptr && failed->verdict != StepVerdict::kPublisherLimit;
  std::string text = fmt::format("This machine carries {}{} messages a second without loss.",
                                 ingestor_is_limit ? "" : "at least ", rate_text(held));
  text += network_text(report, held);
  if (failed != nullptr) {
    text += fmt::format(" At {} a second {}.", rate_text(failed->wanted_rate), failed->reason);
  }
  if (!ingestor_is_limit) {
    text += failed != nullptr ? " What the ingestor itself could carry is more, and not known."
                              : " Nothing above was tried.";
  }
  return text;
}

std::string rate_verdict_text(const LoadReport& report) {
  const StepResult& step = report.steps.front();
  if (step.verdict != StepVerdict::kHeld) {
    return fmt::format("{} messages a second do not hold: {}.", rate_text(step.wanted_rate),
                       step.reason);
  }
  return fmt::format(
      "{} messages a second hold: all {} published messages are accounted for, visible after {} "
      "(half of them) to {} (99 %).{}",
      rate_text(step.wanted_rate), count_text(step.published), duration_text(step.latency.p50),
      duration_text(step.latency.p99), network_text(report, step.wanted_rate));
}

}  // namespace

bool LoadReport::good() const noexcept {
  if (!fault.empty() || vanished_rows != 0) return false;
  if (searched) return highest_held.has_value();
  return !steps.empty() && steps.front().verdict == StepVerdict::kHeld;
}

std::string verdict_text(const LoadReport& report) {
  std::string text;
  if (!report.fault.empty()) text = fmt::format("The test ended early: {}. ", report.fault);
  if (report.steps.empty()) return text + "Nothing was measured.";
  text += report.searched ? limit_text(report) : rate_verdict_text(report);
  if (report.vanished_rows != 0) {
    text +=
        fmt::format(" {} rows that were there are gone again.", count_text(report.vanished_rows));
  }
  return text;
}

std::string_view to_string(StepVerdict verdict) noexcept {
  switch (verdict) {
    case StepVerdict::kHeld:
      return "holds";
    case StepVerdict::kLoss:
      return "loss";
    case StepVerdict::kBehind:
      return "falls behind";
    case StepVerdict::kPublisherLimit:
      return "publisher's limit";
    case StepVerdict::kInterrupted:
      break;
  }
  return "interrupted";
}

std::string step_text(const StepResult& step) {
  std::string text = fmt::format(
      "{:>9}/s  {:<17} {:>10} published, {:>10} rows, {} merged, {} missing; visible after {} / {} "
      "(p50 / p99)",
      rate_text(step.wanted_rate), to_string(step.verdict), count_text(step.published),
      count_text(step.rows_found), count_text(step.merges), count_text(step.missing()),
      duration_text(step.latency.p50), duration_text(step.latency.p99));
  if (!step.reason.empty()) text += "\n             " + step.reason;
  for (const auto& [region, count] : step.missing_by_region) {
    text += fmt::format("\n             {} missing from region {}", count_text(count),
                        region.empty() ? "-" : region);
  }
  for (const std::string& example : step.missing_examples) {
    text += "\n             missing: " + example;
  }
  return text;
}

}  // namespace sluice
