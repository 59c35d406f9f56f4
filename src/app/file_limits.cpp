#include "app/file_limits.h"

#include <algorithm>
#include <string_view>

namespace sluice {

void lift_default_limits(const LoadReport& report, LimitsConfig& limits) {
  const auto lift = [&](std::string_view key, std::int64_t& limit) {
    const bool asked_for =
        std::any_of(report.settings.begin(), report.settings.end(), [&](const Setting& setting) {
          return setting.key == key && setting.origin != Origin::kDefault;
        });
    if (!asked_for) limit = 0;
  };
  lift("sluice.limits.observerMessagesPerMinute", limits.observer_messages_per_minute);
  lift("sluice.limits.newObserversPerHour", limits.new_observers_per_hour);
  lift("sluice.limits.newNodesPerHour", limits.new_nodes_per_hour);
  lift("sluice.limits.droppedPacketsPerHour", limits.dropped_packets_per_hour);
}

}  // namespace sluice
