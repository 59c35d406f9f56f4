#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/check_finding.h"
#include "config/config.h"
#include "receive/broker_probe.h"
#include "store/inspection.h"

namespace sluice {

/// What `sluice check --connect` found out there.
struct ConnectCheck {
  std::vector<BrokerProbe> brokers;  ///< in the order of the configuration
  DatabaseInspection database;
  /// The Sluice that owns the database at this moment, and the one that owns the journals'
  /// directory.
  std::optional<std::string> owner;
  std::optional<std::string> journal_owner;
  std::optional<std::uint64_t> free_bytes;  ///< where the database is or would be

  /// The same, judged.
  std::vector<Finding> findings;
};

/// Tries every broker at once, for at most ten seconds, and looks into the database. Changes
/// nothing.
[[nodiscard]] ConnectCheck check_connections(const Config& config);

/// The judgement alone.
[[nodiscard]] std::vector<Finding> judge_connections(const Config& config,
                                                     const ConnectCheck& check);

}  // namespace sluice
