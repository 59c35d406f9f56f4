#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "model/reject_reason.h"
#include "write/window.h"

namespace sluice {

/// A message whose rows the database can never take.
struct Refusal {
  WindowMessage message;
  std::string why;  ///< in SQLite's words
};

/// What became of a window that was committed: every message of it exactly once, by source, and
/// what the statistics want to know.
///
/// Thread: bound(write).
struct WindowOutcome {
  struct Source {
    std::uint64_t committed = 0;
    std::uint64_t merged = 0;
    std::array<std::uint64_t, kRejectReasonCount> rejected{};

    void reject(RejectReason reason, std::uint64_t count = 1) noexcept {
      rejected[static_cast<std::size_t>(reason)] += count;
    }
  };

  explicit WindowOutcome(std::size_t source_count) : sources(source_count) {}

  void clear();
  /// What is known of a window's messages before the database has spoken.
  void add_tallies(const Window& window);
  /// Everything but the refusals.
  void add(const WindowOutcome& part);

  std::vector<Source> sources;
  std::vector<Refusal> refusals;  ///< views of the window; counted in `sources`, too
  std::uint64_t packets = 0;
  std::uint64_t transmissions_inserted = 0;
  std::uint64_t observations_inserted = 0;
  std::uint64_t observations_merged = 0;
  // As many as single writes would have made: each contact, each accepted advert.
  std::uint64_t observer_upserts = 0;
  std::uint64_t node_upserts = 0;
};

}  // namespace sluice
