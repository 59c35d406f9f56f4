#include "write/window_outcome.h"

#include <algorithm>

namespace sluice {

void WindowOutcome::clear() {
  // Not `*this = …`: a window that lands is the ordinary case, and this keeps the capacity.
  std::fill(sources.begin(), sources.end(), Source{});
  refusals.clear();
  packets = 0;
  transmissions_inserted = 0;
  observations_inserted = 0;
  observations_merged = 0;
  observer_upserts = 0;
  node_upserts = 0;
}

void WindowOutcome::add_tallies(const Window& window) {
  packets += static_cast<std::uint64_t>(window.packets());
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const Window::SourceTally& tally = window.tallies()[i];
    sources[i].committed += tally.statuses;
    sources[i].merged += tally.merged_in_window;
    observations_merged += tally.merged_in_window;
    for (std::size_t reason = 0; reason < kRejectReasonCount; ++reason)
      sources[i].rejected[reason] += tally.rejected[reason];
  }
}

void WindowOutcome::add(const WindowOutcome& part) {
  for (std::size_t i = 0; i < sources.size(); ++i) {
    sources[i].committed += part.sources[i].committed;
    sources[i].merged += part.sources[i].merged;
    for (std::size_t reason = 0; reason < kRejectReasonCount; ++reason)
      sources[i].rejected[reason] += part.sources[i].rejected[reason];
  }
  packets += part.packets;
  transmissions_inserted += part.transmissions_inserted;
  observations_inserted += part.observations_inserted;
  observations_merged += part.observations_merged;
  observer_upserts += part.observer_upserts;
  node_upserts += part.node_upserts;
}

}  // namespace sluice
