#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

namespace sluice::test {

/// One line of a golden decode file: a raw text and what the peer made of it. Optional members are
/// null in the file, or absent because the peer refused the packet.
struct GoldenLine {
  int number = 0;  ///< from 1, as an editor counts
  std::string description;
  std::string raw;
  bool validate_signatures = true;
  std::optional<std::string> error;
  std::string hash;
  int route_type = -1;
  int payload_type = -1;
  int payload_version = -1;
  std::optional<std::string> code1;
  std::optional<std::string> code2;
  std::string path_json;
  std::string decoded_json;  ///< byte for byte as in the file
  bool has_channel_group = false;
  std::string channel_group;  ///< what the column channel_hash holds
  std::optional<std::string> scope_name;
  std::optional<std::string> from_pubkey;
  std::string anomaly;
  std::optional<bool> advert_valid;
  std::string advert_reject_reason;
  std::string advert_role;
  std::string advert_name_hex;
};

struct NamedKey {
  std::string name;
  std::string key_hex;
};

/// Path of a file below tests/data.
std::string data_path(std::string_view name);
/// Path of a file of the golden collection next to the source tree, which may be absent.
std::string shared_path(std::string_view name);
bool exists(const std::string& path);

std::vector<GoldenLine> read_golden_lines(const std::string& path);
/// An object of names and keys out of keys.json, such as "channel_keys", in file order.
std::vector<NamedKey> read_keys(std::string_view object);
std::vector<std::string> read_lines(const std::string& path);

/// The text of one value of a JSON object, as it stands in the line.
std::string raw_value(std::string_view line, std::string_view key);

/// The string under `key`, or nothing when it is absent or null.
std::optional<std::string> text_at(const simdjson::dom::element& object, std::string_view key);
std::string text_or_empty(const simdjson::dom::element& object, std::string_view key);

std::vector<std::uint8_t> unhex(std::string_view hex);

}  // namespace sluice::test
