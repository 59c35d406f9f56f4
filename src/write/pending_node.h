#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "model/batch.h"
#include "packet/payload_decoder.h"
#include "write/latest_time.h"

namespace sluice {

/// Everything that one window's adverts have to say about one node, with the value that the
/// sequence of single writes would have left (contract 3.4 e to i, 3.6; deviation D5).
///
/// Thread: bound(write). Views live in the facts and batches that the window keeps.
struct PendingNode {
  std::string_view public_key;  ///< lower-case hex
  std::string_view name;        ///< the last non-empty one
  std::string_view role;
  std::optional<double> lat;
  std::optional<double> lon;
  std::optional<std::int64_t> battery_mv;
  std::optional<double> temperature_c;
  std::optional<std::string_view>
      default_scope;           ///< the last named one, of each copy's own transport codes
  bool scope_changed = false;  ///< two named scopes of this window differ
  bool foreign = false;
  WallTime first_seen;
  LatestTime last_seen;

  std::int64_t adverts = 0;      ///< copies taken up
  std::int64_t new_adverts = 0;  ///< known while the window is applied

  /// Takes up one copy of an accepted advert.
  void note_advert(const Packet& copy, WallTime received);
};

}  // namespace sluice
