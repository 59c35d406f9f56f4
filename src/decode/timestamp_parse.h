#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "model/batch.h"

namespace sluice {

/// An observer's clock as its record gives it.
struct ParsedTimestamp {
  WallTime time;  ///< in UTC; digits beyond microseconds are dropped
  bool naive;     ///< no zone was given, UTC is assumed
};

/// `YYYY-MM-DDTHH:MM:SS`, an optional fraction of any length, and `Z`, `±HH:MM` or nothing
/// (contract 3.10, protocol D3). Nothing for any other text and for dates that do not exist.
///
/// Accepts exactly what Go's time.Parse does with these layouts, which includes an hour of one
/// digit, a comma before the fraction, and offsets up to 24:60.
[[nodiscard]] std::optional<ParsedTimestamp> parse_timestamp(std::string_view text) noexcept;

/// How far the observer's clock is off, whole seconds, truncated, negative = behind, when that is
/// to be recorded: a naive clock more than 15 minutes off that is neither over 14 hours ahead nor
/// over 30 days behind (contract 3.10).
[[nodiscard]] std::optional<std::chrono::seconds> naive_clock_skew(const ParsedTimestamp& timestamp,
                                                                   WallTime now) noexcept;

/// What is wrong with `text`, of which `timestamp` was read. Nothing with an empty one.
[[nodiscard]] ClockFault clock_fault(std::string_view text,
                                     const std::optional<ParsedTimestamp>& timestamp,
                                     WallTime now) noexcept;

/// The moment that a sender's clock stands for, as far as it is to be believed: `now` for one that
/// can't be parsed, lies in the future or over 30 days back, or is naive and more than 15 minutes
/// off (contract 3.10).
[[nodiscard]] WallTime resolve_timestamp(std::string_view text, WallTime now) noexcept;

}  // namespace sluice
