#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::test {

/// One MQTT message, owned.
struct Message {
  std::string topic;
  std::string payload;
  bool retained = false;
};

/// What an observer publishes when it has heard a packet. Absent members are left out of the JSON.
struct PacketSpec {
  std::string raw;
  std::string observer = "OBS1";  ///< '' = a topic that names none
  std::string region = "SJC";
  std::string origin = "Observer One";
  std::optional<double> snr = {};
  std::optional<double> rssi = {};
  std::optional<int> score = {};
  std::optional<std::string> direction = {};
  std::optional<std::string> timestamp = {};
  std::optional<std::string> region_override = {};
};
[[nodiscard]] Message packet_message(const PacketSpec& spec);

/// The shortest packet message of the n-th transmission.
[[nodiscard]] Message text_message(std::uint32_t n, std::string_view observer = "OBS1");

/// A status; `members` are further JSON members without the braces, such as `"model":"x"`.
[[nodiscard]] Message status_message(std::string_view observer, std::string_view members = "",
                                     bool retained = false, std::string_view region = "SJC");

}  // namespace sluice::test
