#include "unit/packet/golden_file.h"

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "base/hex.h"

namespace sluice::test {
namespace {

using simdjson::dom::element;

int int_at(const element& object, std::string_view key) {
  std::int64_t value = -1;
  if (object[key].get(value) != simdjson::SUCCESS) return -1;
  return static_cast<int>(value);
}

GoldenLine read_line(const element& object, std::string_view text, int number) {
  GoldenLine line;
  line.number = number;
  line.description = text_or_empty(object, "desc");
  line.raw = text_or_empty(object, "raw");
  line.validate_signatures = object["validate_signatures"].get_bool().value();
  line.error = text_at(object, "error");
  line.hash = text_or_empty(object, "hash");
  line.has_channel_group = text_at(object, "channel_hash").has_value();
  line.channel_group = text_or_empty(object, "channel_hash");
  line.scope_name = text_at(object, "scope_name");
  line.from_pubkey = text_at(object, "from_pubkey");
  if (line.error) return line;
  line.route_type = int_at(object, "route_type");
  line.payload_type = int_at(object, "payload_type");
  line.payload_version = int_at(object, "payload_version");
  element codes;
  if (object["transport_codes"].get(codes) == simdjson::SUCCESS && codes.is_object()) {
    line.code1 = text_at(codes, "code1");
    line.code2 = text_at(codes, "code2");
  }
  line.path_json = text_or_empty(object, "path_json");
  line.decoded_json = raw_value(text, "decoded_json");
  line.anomaly = text_or_empty(object, "anomaly");
  bool valid = false;
  if (object["advert_valid"].get(valid) == simdjson::SUCCESS) line.advert_valid = valid;
  line.advert_reject_reason = text_or_empty(object, "advert_reject_reason");
  line.advert_role = text_or_empty(object, "advert_role");
  line.advert_name_hex = text_or_empty(object, "advert_name_hex");
  return line;
}

}  // namespace

std::string data_path(std::string_view name) {
  return SLUICE_SOURCE_ROOT "/tests/data/" + std::string(name);
}

std::string shared_path(std::string_view name) {
  return SLUICE_SOURCE_ROOT "/../shared/golden/" + std::string(name);
}

bool exists(const std::string& path) { return std::filesystem::exists(path); }

std::vector<std::string> read_lines(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot open " + path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);)
    if (!line.empty()) lines.push_back(line);
  return lines;
}

std::vector<GoldenLine> read_golden_lines(const std::string& path) {
  simdjson::dom::parser parser;
  std::vector<GoldenLine> lines;
  int number = 0;
  for (const std::string& text : read_lines(path))
    lines.push_back(read_line(parser.parse(text).value(), text, ++number));
  return lines;
}

std::vector<NamedKey> read_keys(std::string_view object) {
  simdjson::dom::parser parser;
  const element file = parser.load(data_path("decode/keys.json")).value();
  std::vector<NamedKey> keys;
  const simdjson::dom::object entries = file[object].get_object().value();
  for (const auto field : entries)
    keys.push_back({std::string(field.key), std::string(field.value.get_string().value())});
  return keys;
}

std::string raw_value(std::string_view line, std::string_view key) {
  const std::string marker = '"' + std::string(key) + "\":";
  const std::size_t found = line.find(marker);
  if (found == std::string_view::npos) return {};
  const std::size_t start = found + marker.size();
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = start; i < line.size(); ++i) {
    const char c = line[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
      continue;
    }
    if (c == '"') in_string = true;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && --depth == 0)
      return std::string(line.substr(start, i + 1 - start));
  }
  return {};
}

std::optional<std::string> text_at(const element& object, std::string_view key) {
  std::string_view text;
  if (object[key].get(text) != simdjson::SUCCESS) return std::nullopt;
  return std::string(text);
}

std::string text_or_empty(const element& object, std::string_view key) {
  return text_at(object, key).value_or("");
}

std::vector<std::uint8_t> unhex(std::string_view hex) {
  std::vector<std::uint8_t> bytes(hex.size() / 2);
  if (!decode_hex(hex, bytes)) throw std::invalid_argument("not hex: " + std::string(hex));
  return bytes;
}

}  // namespace sluice::test
