#pragma once

#include "limit_search.h"
#include "load_step.h"

namespace sluice {

struct JudgeRules {
  double max_lag = 3;             ///< seconds until the last message is visible
  double max_growth = 0.05;       ///< seconds per second by which the latency may grow
  double publisher_share = 0.97;  ///< of the wanted rate that has to be reached
};

/// Sets verdict and reason of a step that has been measured.
void judge_step(const JudgeRules& rules, StepResult& step);

/// The same for the search: how clear the matter is.
[[nodiscard]] StepOutcome outcome_of(const JudgeRules& rules, const StepResult& step) noexcept;

}  // namespace sluice
