#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "config/config.h"
#include "support/manual_clock.h"
#include "support/messages.h"
#include "support/random_traffic.h"

namespace sluice::test {

/// What a child prints when its journal is open.
inline constexpr const char* kAlive = "the journal is open";

/// The messages of a crash test by number: the same in every process that is given the same seed.
class CrashTraffic {
 public:
  explicit CrashTraffic(std::uint32_t seed) : seed_(seed) {}

  [[nodiscard]] Message message(std::size_t number) const {
    const auto own_seed = static_cast<std::uint32_t>(seed_ * 1'000'003U + number);
    return RandomTraffic({.seed = own_seed, .transmissions = 200, .observers = 6}).next();
  }
  [[nodiscard]] static WallTime received(std::size_t number) {
    return kTestEpoch + std::chrono::milliseconds(100) * static_cast<std::int64_t>(number);
  }
  /// The number of the message that was received then.
  [[nodiscard]] static std::size_t number_of(WallTime received) {
    return static_cast<std::size_t>((received - kTestEpoch) / std::chrono::milliseconds(100));
  }

  /// Windows of a few packets, so that there are many commits to be killed in.
  [[nodiscard]] static Config config(const std::string& directory) {
    Config config;
    config.db_path = directory + "/crash.db";
    config.window.group_commit = std::chrono::milliseconds(10);
    config.window.group_commit_max_rows = 25;
    config.sluice.journal.min_free_bytes = 0;
    config.sluice.journal.max_record_bytes = 20'000;  // so that segments can be small
    config.client_rx_coverage_enabled = true;
    return config;
  }

 private:
  std::uint32_t seed_;
};

}  // namespace sluice::test
