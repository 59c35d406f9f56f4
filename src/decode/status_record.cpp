#include "decode/status_record.h"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "base/text.h"
#include "decode/number_rule.h"

namespace sluice {
namespace {

/// The keys up to kNoiseFloor may stand in `stats` as well.
enum class Key : std::uint8_t {
  kBatteryMv,
  kUptimeSecs,
  kTxAirSecs,
  kRxAirSecs,
  kRecvErrors,
  kPacketsSent,
  kPacketsRecv,
  kNoiseFloor,
  kOrigin,
  kModel,
  kFirmware,
  kFirmwareVersion,
  kClientVersion,
  kClientVersionCamel,
  kRadio,
  kRepeat,
  kStats,
  kCount
};

using Fields = JsonFields<Key>;

/// In the order of Key.
constexpr std::string_view kNames[] = {"battery_mv",     "uptime_secs",   "tx_air_secs",
                                       "rx_air_secs",    "recv_errors",   "packets_sent",
                                       "packets_recv",   "noise_floor",   "origin",
                                       "model",          "firmware",      "firmware_version",
                                       "client_version", "clientVersion", "radio",
                                       "repeat",         "stats"};
static_assert(std::size(kNames) == static_cast<std::size_t>(Key::kCount));

/// A status comes once in minutes, so the keys are simply tried one by one.
Fields collect(const JsonObject& object) noexcept {
  Fields fields;
  for (const auto& field : object) {
    for (std::size_t i = 0; i < std::size(kNames); ++i) {
      if (field.key == kNames[i]) fields.put(static_cast<Key>(i), field.value);
    }
  }
  return fields;
}

Fields collect_stats(const Fields& top) noexcept {
  const JsonValue* stats = top.find(Key::kStats);
  JsonObject object;
  if (stats == nullptr || stats->get_object().get(object) != simdjson::SUCCESS) return {};
  return collect(object);
}

/// A key that `stats` has, with whatever value, hides the one at top level.
std::optional<double> measured(const Fields& stats, const Fields& top, Key key) {
  const JsonValue* value = stats.find(key);
  if (value == nullptr) value = top.find(key);
  return value != nullptr ? number_of(*value) : std::nullopt;
}

std::optional<std::int64_t> counted(const Fields& stats, const Fields& top, Key key) {
  const auto number = measured(stats, top, key);
  return number ? round_to_integer(*number) : std::nullopt;
}

/// The last of the keys that holds a non-empty string.
std::optional<std::string_view> last_text(const Fields& fields, std::initializer_list<Key> keys,
                                          Arena& arena) {
  std::optional<std::string_view> last;
  for (const Key key : keys) {
    const auto text = fields.text(key);
    if (text && !text->empty()) last = text;
  }
  return last ? std::optional(arena.copy(*last)) : std::nullopt;
}

std::optional<bool> switch_of(const JsonValue* value) noexcept {
  if (value == nullptr) return std::nullopt;
  bool flag = false;
  if (value->get_bool().get(flag) == simdjson::SUCCESS) return flag;
  double number = 0;
  if (value->get_double().get(number) == simdjson::SUCCESS) return number != 0;
  const std::string_view text = trim_space(text_of(*value).value_or(""));
  for (const std::string_view on : {"on", "true", "1", "yes"}) {
    if (equal_ignoring_case(text, on)) return true;
  }
  for (const std::string_view off : {"off", "false", "0", "no"}) {
    if (equal_ignoring_case(text, off)) return false;
  }
  return std::nullopt;
}

}  // namespace

StatusReport read_status(const JsonObject& record, const Topic& topic, Arena& arena) {
  const Fields top = collect(record);
  const Fields stats = collect_stats(top);
  StatusReport report;
  report.observer_id = topic.observer();
  report.name = arena.copy(top.text(Key::kOrigin).value_or(""));
  report.iata = topic.region();
  report.model = last_text(top, {Key::kModel}, arena);
  report.firmware = last_text(top, {Key::kFirmware, Key::kFirmwareVersion}, arena);
  report.client_version = last_text(top, {Key::kClientVersion, Key::kClientVersionCamel}, arena);
  report.radio = last_text(top, {Key::kRadio}, arena);
  report.battery_mv = counted(stats, top, Key::kBatteryMv);
  report.uptime_secs = counted(stats, top, Key::kUptimeSecs);
  report.tx_air_secs = counted(stats, top, Key::kTxAirSecs);
  report.rx_air_secs = counted(stats, top, Key::kRxAirSecs);
  report.recv_errors = counted(stats, top, Key::kRecvErrors);
  report.packets_sent = counted(stats, top, Key::kPacketsSent);
  report.packets_recv = counted(stats, top, Key::kPacketsRecv);
  report.noise_floor = measured(stats, top, Key::kNoiseFloor);
  report.can_relay = switch_of(top.find(Key::kRepeat));
  return report;
}

}  // namespace sluice
