#pragma once

#include <cstdint>

#include "receive/capture_format.h"

namespace sluice {

/// Where a Replayer's messages come from.
///
/// Thread: bound(its user).
class RecordSource {
 public:
  virtual ~RecordSource() = default;

  /// The next message; its views live until the next call. False at the end.
  [[nodiscard]] virtual bool next(CaptureRecord& record) = 0;
  /// The message that next() gave last was handed over for sending.
  virtual void note_given() {}

  [[nodiscard]] virtual std::uint64_t records() const noexcept = 0;
  [[nodiscard]] virtual std::uint64_t bad_lines() const noexcept { return 0; }
};

}  // namespace sluice
