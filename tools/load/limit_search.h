#pragma once

#include <optional>

namespace sluice {

enum class StepOutcome {
  kHeld,
  kFailed,    ///< just so: a second try may tell otherwise
  kHopeless,  ///< far off
};

struct LimitSearchOptions {
  double start = 500;      ///< messages per second
  double highest = 1e6;    ///< never tried beyond
  double lowest = 1;       ///< below this there is no point in going on
  double precision = 0.1;  ///< the answer is known to this share of it
};

/// Looks for the highest rate that holds: doubles until one does not, then halves the distance. A
/// rate that fails narrowly gets a second try, since other programs have their moments too.
///
/// Thread: bound(its user).
class LimitSearch {
 public:
  explicit LimitSearch(const LimitSearchOptions& options);

  /// What to try next; nothing when the answer is known.
  [[nodiscard]] std::optional<double> next() const;
  /// How the rate that next() gave did.
  void report(StepOutcome outcome);

  [[nodiscard]] std::optional<double> highest_held() const noexcept { return held_; }
  [[nodiscard]] std::optional<double> lowest_failed() const noexcept { return failed_; }

 private:
  LimitSearchOptions options_;
  std::optional<double> held_;
  std::optional<double> failed_;
  bool second_try_ = false;
};

}  // namespace sluice
