#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace sluice {

/// Counters of /proc/self/io, in the order of the stats file. Absent: the kernel does not say.
struct ProcIoCounts {
  static constexpr std::size_t kCount = 5;
  /// read_bytes, write_bytes, cancelled_write_bytes, syscr, syscw.
  std::array<std::optional<std::uint64_t>, kCount> values;
};

/// The names that the stats file gives to the rates of these (contract 6).
inline constexpr std::array<const char*, ProcIoCounts::kCount> kProcIoRateNames{
    "readBytesPerSec", "writeBytesPerSec", "cancelledWriteBytesPerSec", "syscallsRead",
    "syscallsWrite"};

[[nodiscard]] ProcIoCounts parse_proc_io(std::string_view text);

/// Nothing where there is no such file.
[[nodiscard]] ProcIoCounts read_proc_io();

using ProcIoRates = std::array<double, ProcIoCounts::kCount>;

/// What this process asks of the disk, per second, between two calls.
///
/// Thread: bound to its user.
class ProcIoMeter {
 public:
  /// Nothing at the first call, within a millisecond of the last one, and while no counter is there
  /// both times.
  [[nodiscard]] std::optional<ProcIoRates> measure(const ProcIoCounts& counts, MonoTime now);

 private:
  ProcIoCounts last_;
  std::optional<MonoTime> measured_at_;
};

}  // namespace sluice
