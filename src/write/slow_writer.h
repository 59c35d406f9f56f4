#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/log_throttle.h"

namespace sluice {

/// Where a transaction's time went.
struct TransactionTimes {
  MonoTime began;       ///< before BEGIN IMMEDIATE
  MonoTime locked;      ///< the write lock is ours
  MonoTime committing;  ///< all statements have run
  MonoTime ended;
};

/// The line about a transaction that took longer than it should, with the step of it that took
/// longest in the place of the statement (contract 7.5): what is slow here is a disk or a lock, and
/// hardly ever one statement of the thousands. At most 200 bytes of it.
[[nodiscard]] std::string slow_writer_line(const TransactionTimes& times, std::int64_t packets);

/// Writes that line to the log. A limit that is too low would fill it, so there are a few a second.
///
/// Thread: bound(write).
class SlowWriter {
 public:
  explicit SlowWriter(std::chrono::milliseconds limit) : limit_(limit), lines_(kLinesPerSecond) {}

  /// A window of so many packets has been committed.
  void note(const TransactionTimes& times, std::int64_t packets);

 private:
  static constexpr std::uint32_t kLinesPerSecond = 5;

  const std::chrono::milliseconds limit_;
  LogThrottle lines_;
};

}  // namespace sluice
