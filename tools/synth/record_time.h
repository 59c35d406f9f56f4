#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace sluice {

/// One moment in the forms in which observers write it (protocol D2, D3).
///
/// Thread: immutable.
class RecordTime {
 public:
  explicit RecordTime(WallTime time);

  [[nodiscard]] std::string aware() const;        ///< 2026-06-09T12:00:00.123456+00:00
  [[nodiscard]] std::string naive() const;        ///< 2026-06-09T12:00:00.000000
  [[nodiscard]] std::string clock() const;        ///< 12:00:00
  [[nodiscard]] std::string date() const;         ///< 9/6/2026
  [[nodiscard]] std::string date_padded() const;  ///< 09/06/2026

 private:
  int year_;
  unsigned month_;
  unsigned day_;
  unsigned hour_;
  unsigned minute_;
  unsigned second_;
  unsigned micros_;
};

}  // namespace sluice
