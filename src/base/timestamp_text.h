#pragma once

#include <array>
#include <string_view>

#include "base/clock.h"

namespace sluice {

/// `YYYY-MM-DDTHH:MM:SSZ`, the one text form of time in the tables (contract 2, TS). Readers
/// compare these as strings, so there is never a fraction or an offset. Whole seconds, rounded
/// down; years 0000 to 9999, clamped.
class TimestampText {
 public:
  explicit TimestampText(WallTime time) noexcept;
  [[nodiscard]] std::string_view view() const noexcept { return {text_.data(), text_.size()}; }

 private:
  std::array<char, 20> text_;
};

/// Whole seconds since the epoch, rounded down.
[[nodiscard]] std::int64_t epoch_seconds(WallTime time) noexcept;

}  // namespace sluice
