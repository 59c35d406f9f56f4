#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"

namespace sluice {

/// What a synthetic capture is to look like. Shares are parts per million of all messages.
struct SynthOptions {
  std::uint64_t messages = 0;        ///< 0 = no limit
  std::chrono::seconds duration{0};  ///< of network time; 0 = no limit
  std::uint64_t seed = 1;
  std::uint32_t observers = 200;
  std::uint32_t nodes = 1000;
  std::uint32_t rate = 100;    ///< observations per second of network time
  std::uint32_t copies = 27;   ///< most copies of one transmission
  std::uint32_t channels = 8;  ///< named channels besides Public
  std::uint32_t status_ppm = 20'000;
  std::uint32_t malformed_ppm = 5'000;
  /// Fixed, so that the same options mean the same bytes: 2026-01-01T00:00:00Z.
  WallTime start{std::chrono::seconds(1'767'225'600)};
};

/// What a capture holds, for tests that want to know what must come out at the other end.
struct SynthCounts {
  std::uint64_t messages = 0;
  std::uint64_t transmissions = 0;  ///< begun; the last ones may be cut off by the limit
  std::uint64_t observations = 0;   ///< well-formed packet records, repeats included
  std::uint64_t repeats = 0;        ///< records that were published a second time
  std::uint64_t sent = 0;           ///< records with direction tx
  std::uint64_t badly_signed = 0;   ///< records of adverts whose signature is wrong
  std::uint64_t statuses = 0;
  std::uint64_t malformed = 0;
};

}  // namespace sluice
