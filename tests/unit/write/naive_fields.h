#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "base/clock.h"
#include "naive_row.h"

namespace sluice::test {

// Members of a record, read by the contract's rules in the plainest way (3.4, 3.5, 3.7, 3.10).

inline constexpr const char* kMetrics[] = {"noise_floor", "tx_air_secs", "rx_air_secs",
                                           "recv_errors", "battery_mv",  "packets_sent",
                                           "packets_recv"};

[[nodiscard]] std::vector<std::string> split(const std::string& topic);
/// ASCII: WildTraffic writes nothing else there.
[[nodiscard]] std::string trim(std::string_view text);
[[nodiscard]] std::string upper(std::string text);

/// As in a JSON string. Of the characters that are escaped there, WildTraffic has these two.
[[nodiscard]] std::string escaped(const std::string& text);

/// If it is a string.
[[nodiscard]] std::optional<std::string> text_of(const simdjson::dom::object& record,
                                                 std::string_view key);
/// As Go's %v prints it; absent if the key is.
[[nodiscard]] std::optional<std::string> go_text(const simdjson::dom::object& record,
                                                 std::string_view key);

/// direction, snr, rssi and score of a reception.
[[nodiscard]] NaiveRow signal(const simdjson::dom::object& record);
/// What a status brings: columns of observers and of observer_metrics.
[[nodiscard]] NaiveRow status_fields(const simdjson::dom::object& record);

/// A record of something sent, whose `len` or `hash` contradicts its `raw`.
[[nodiscard]] bool is_stale(const simdjson::dom::object& record, const NaiveRow& signal,
                            const std::string& raw, const std::string& hash);

/// How far an observer's clock without a zone is off, if it is.
[[nodiscard]] std::optional<std::int64_t> naive_skew(const simdjson::dom::object& record,
                                                     WallTime received);

/// decoded_json of a companion's text; `channel` is '' for a direct one.
[[nodiscard]] std::string companion_json(const simdjson::dom::object& record,
                                         const std::string& text, const std::string& channel);

}  // namespace sluice::test
