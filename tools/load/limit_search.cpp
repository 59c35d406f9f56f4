#include "limit_search.h"

#include <algorithm>
#include <cmath>

namespace sluice {
namespace {

/// Two digits: rates are for people.
double round_rate(double rate) {
  const double unit = std::pow(10, std::floor(std::log10(rate)) - 1);
  return std::max(1.0, std::round(rate / unit) * unit);
}

}  // namespace

LimitSearch::LimitSearch(const LimitSearchOptions& options) : options_(options) {
  options_.start = std::clamp(options_.start, options_.lowest, options_.highest);
}

std::optional<double> LimitSearch::next() const {
  if (!held_ && !failed_) return options_.start;
  if (!failed_) {
    if (*held_ >= options_.highest) return std::nullopt;
    return std::min(*held_ * 2, options_.highest);
  }
  if (!held_) {
    if (*failed_ <= options_.lowest) return std::nullopt;
    return std::max(*failed_ / 2, options_.lowest);
  }
  if (*failed_ - *held_ <= options_.precision * *held_) return std::nullopt;
  const double middle = round_rate((*held_ + *failed_) / 2);
  if (middle <= *held_ || middle >= *failed_) return std::nullopt;
  return middle;
}

void LimitSearch::report(StepOutcome outcome) {
  const auto rate = next();
  if (!rate) return;
  if (outcome == StepOutcome::kFailed && !second_try_) {
    second_try_ = true;
    return;
  }
  second_try_ = false;
  (outcome == StepOutcome::kHeld ? held_ : failed_) = rate;
}

}  // namespace sluice
