#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice::test {

/// What an advert says of its sender.
struct NaiveAdvert {
  std::string key;
  std::string name;
  std::string role;
  std::optional<double> lat;
  std::optional<double> lon;
  std::optional<std::int64_t> battery_mv;
  std::optional<double> temperature_c;
  bool corrupted = false;
  bool well_signed = false;
};

/// A frame taken apart in the plainest way (contract App. A), without a line of packet/'s code. It
/// understands the payload types that WildTraffic makes.
struct NaiveFrame {
  int route = 0;
  int type = 0;
  int version = 0;
  std::string hash;
  std::string path_json;
  std::string decoded_json;
  std::optional<std::string> channel_hash;
  std::optional<std::string> scope;
  std::optional<NaiveAdvert> advert;
};

/// Nothing for what is no frame. `regions` are names with their `#`.
[[nodiscard]] std::optional<NaiveFrame> read_frame(std::string_view hex,
                                                   const std::vector<std::string>& regions);

/// The first transport code of a scoped packet, two bytes.
[[nodiscard]] std::vector<std::uint8_t> transport_code(const std::string& region, int type,
                                                       const std::vector<std::uint8_t>& payload);

/// The first 16 digits of a SHA-256.
[[nodiscard]] std::string short_hash(std::string_view bytes);

}  // namespace sluice::test
