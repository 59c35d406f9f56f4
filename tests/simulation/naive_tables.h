#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "base/clock.h"
#include "support/messages.h"
#include "support/other_connection.h"

namespace sluice::test {

/// What must be in the database whatever way the messages took, counted message by message in the
/// plainest way, without a line of the writer's, of dedup's or of the decode stage's code. It
/// understands what RandomTraffic makes, and no more than that.
class NaiveTables {
 public:
  void add(const Message& message, WallTime received);

  /// Compares with the tables; a difference is a failure of the test.
  void expect_in(const OtherConnection& database) const;

 private:
  struct Transmission {
    std::int64_t first_seen;  // seconds
    std::int64_t last_seen;
  };
  using Observation = std::tuple<std::string, std::string, std::string>;  // hash, observer, path

  void add_packet(const std::string& raw, const std::string& observer, std::int64_t seconds);

  std::map<std::string, Transmission> transmissions_;
  std::map<Observation, std::int64_t> observations_;      // how many rows
  std::map<std::string, std::int64_t> contacts_;          // of an observer
  std::map<std::string, std::set<std::string>> adverts_;  // of a node: its transmissions
};

}  // namespace sluice::test
