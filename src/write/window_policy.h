#pragma once

#include <chrono>
#include <cstdint>

namespace sluice {

/// When a window ends (contract 1.6).
struct WindowPolicy {
  /// Counted from the first record of any kind. 0: no window at all, each record is committed by
  /// itself.
  std::chrono::milliseconds duration{1000};
  /// Packets that reach insert or merge, counted before coalescing; statuses don't count. At
  /// least 1.
  std::int64_t max_packets = 1000;

  [[nodiscard]] bool per_record() const noexcept { return duration.count() <= 0; }
};

}  // namespace sluice
