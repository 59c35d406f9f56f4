#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/clock.h"

namespace sluice {

/// A content hash as the tables hold it: 16 lower-case hex digits, the most significant first.
///
/// Thread: immutable.
class HashText {
 public:
  explicit HashText(std::uint64_t hash) noexcept;
  [[nodiscard]] std::string_view view() const noexcept { return {text_.data(), text_.size()}; }

 private:
  std::array<char, 16> text_;
};

/// `YYYY-MM-DD HH:MM:SS`, SQLite's own form of a time (contract 2, SQLTS), which created_at and
/// dropped_at have.
///
/// Thread: immutable.
class SqlTimestampText {
 public:
  explicit SqlTimestampText(WallTime time) noexcept;
  [[nodiscard]] std::string_view view() const noexcept { return {text_.data(), text_.size()}; }

 private:
  std::array<char, 19> text_;
};

}  // namespace sluice
