#include "step_judge.h"

#include <fmt/format.h>

#include "number_text.h"

namespace sluice {
namespace {

/// A publisher that needs so much of a core has no time left.
constexpr double kBusyPercent = 85;

std::string loss_text(const StepResult& step) {
  std::string text = fmt::format("{} of {} messages are missing", count_text(step.missing()),
                                 count_text(step.published));
  if (!step.ingestor || !step.ingestor->has_own) return text;
  const IngestorDelta& ingestor = *step.ingestor;
  if (ingestor.received < step.published) {
    text += fmt::format(
        ": {} never reached the ingestor (the broker dropped them, or a connection broke)",
        count_text(step.published - ingestor.received));
  }
  for (const auto& [reason, count] : ingestor.rejected) {
    text += fmt::format(", it refused {} ({})", count_text(count), reason);
  }
  for (const auto& [reason, count] : ingestor.dropped) {
    text += fmt::format(", it dropped {} ({})", count_text(count), reason);
  }
  return text;
}

/// Where the messages wait that come late.
std::string backlog_text(const StepResult& step) {
  if (!step.ingestor || !step.ingestor->has_own) return "";
  // The stats file is up to a second old.
  if (static_cast<double>(step.not_received_at_end) > 2 * step.published_rate) {
    return "; they wait between the broker and the ingestor's socket";
  }
  return "; they wait in the ingestor, for the database";
}

std::string behind_text(const JudgeRules& rules, const StepResult& step) {
  if (step.lag_at_end > rules.max_lag) {
    return fmt::format("the last message was visible {:.1f} s after it was published{}",
                       step.lag_at_end, backlog_text(step));
  }
  return fmt::format("messages became visible later and later, by {:.2f} s each second{}",
                     step.latency_growth, backlog_text(step));
}

}  // namespace

void judge_step(const JudgeRules& rules, StepResult& step) {
  step.reason.clear();
  if (!step.fault.empty()) {
    step.verdict = StepVerdict::kInterrupted;
    step.reason = step.fault;
  } else if (step.missing() > 0) {
    step.verdict = StepVerdict::kLoss;
    step.reason = loss_text(step);
  } else if (step.published_rate < rules.publisher_share * step.wanted_rate) {
    step.verdict = StepVerdict::kPublisherLimit;
    step.reason =
        fmt::format("only {} a second could be published: {}", rate_text(step.published_rate),
                    step.publisher_cpu_percent > kBusyPercent ? "this program is at its limit"
                                                              : "the broker takes no more");
  } else if (step.lag_at_end > rules.max_lag || step.latency_growth > rules.max_growth) {
    step.verdict = StepVerdict::kBehind;
    step.reason = behind_text(rules, step);
  } else {
    step.verdict = StepVerdict::kHeld;
  }
}

StepOutcome outcome_of(const JudgeRules& rules, const StepResult& step) noexcept {
  const auto published = static_cast<double>(step.published);
  switch (step.verdict) {
    case StepVerdict::kHeld:
      return StepOutcome::kHeld;
    case StepVerdict::kLoss:
      return static_cast<double>(step.missing()) > 0.01 * published ? StepOutcome::kHopeless
                                                                    : StepOutcome::kFailed;
    case StepVerdict::kBehind:
      return step.lag_at_end > 2 * rules.max_lag || step.latency_growth > 3 * rules.max_growth
                 ? StepOutcome::kHopeless
                 : StepOutcome::kFailed;
    case StepVerdict::kPublisherLimit:
      return step.published_rate < 0.8 * step.wanted_rate ? StepOutcome::kHopeless
                                                          : StepOutcome::kFailed;
    case StepVerdict::kInterrupted:
      break;
  }
  return StepOutcome::kHopeless;
}

}  // namespace sluice
