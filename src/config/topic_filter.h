#pragma once

#include <string_view>

namespace sluice {

/// True if a broker may accept `filter` in a SUBSCRIBE (MQTT 5, 4.7): 1 to 65535 bytes of UTF-8
/// without NUL, `#` only as the whole last level, `+` only as a whole level; a shared subscription
/// names its group.
[[nodiscard]] bool is_valid_topic_filter(std::string_view filter) noexcept;

/// True if some topic matches both filters (MQTT 5, 4.7), so that a client with both subscriptions,
/// or two clients with one each, may get its messages twice. Members of one shared group never do.
/// Both must be valid.
[[nodiscard]] bool topic_filters_overlap(std::string_view a, std::string_view b) noexcept;

}  // namespace sluice
