#include "scenario_file.h"

#include <algorithm>
#include <limits>
#include <stdexcept>

#include <fmt/format.h>
#include <simdjson.h>

#include "base/hex.h"
#include "receive/base64.h"

namespace sluice::test {
namespace {

using simdjson::dom::element;
using Kind = Expected::Kind;

std::string text_of(const element& json) { return std::string(json.get_string().value()); }

std::string text_at(const element& json, const char* key) { return text_of(json[key]); }

bool has(const element& json, const char* key) { return json[key].error() == simdjson::SUCCESS; }

// By value: what a result's value() gives dies with the result.
simdjson::dom::array array_at(const element& json, const char* key) {
  simdjson::dom::array array = json[key].get_array();
  return array;
}

simdjson::dom::object object_at(const element& json, const char* key) {
  simdjson::dom::object object = json[key].get_object();
  return object;
}

std::string bytes_of_hex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(hex_digit_value(hex[i]) << 4 | hex_digit_value(hex[i + 1]));
  }
  return bytes;
}

Expected expected_text(std::string text) {
  static const std::map<std::string, Kind> kMarkers = {
      {"<now:rfc3339>", Kind::kClockTs},
      {"<now:epoch>", Kind::kClockEpoch},
      {"<now:sqldatetime>", Kind::kClockSql},
      {"<now:rfc3339-rounded-300s>", Kind::kClockRounded},
      {"<companion-hash>", Kind::kCompanionHash},
  };
  const auto marker = kMarkers.find(text);
  if (marker != kMarkers.end()) return {marker->second, std::move(text)};
  if (text.starts_with("${now") && text.ends_with('}'))
    return {Kind::kSubstituted, std::move(text)};
  return {Kind::kExact, std::move(text)};
}

Expected expected_object(const element& json) {
  if (has(json, "text_hex")) return {Kind::kExact, bytes_of_hex(text_at(json, "text_hex"))};
  const double infinity = std::numeric_limits<double>::infinity();
  return {Kind::kExact, text_at(json, "real") == "-inf" ? -infinity : infinity};
}

Expected expected_cell(const element& json) {
  switch (json.type()) {
    case simdjson::dom::element_type::INT64:
      return {Kind::kExact, json.get_int64().value()};
    case simdjson::dom::element_type::DOUBLE:
      return {Kind::kExact, json.get_double().value()};
    case simdjson::dom::element_type::STRING:
      return expected_text(text_of(json));
    case simdjson::dom::element_type::NULL_VALUE:
      return {Kind::kExact, Null{}};
    case simdjson::dom::element_type::OBJECT:
      return expected_object(json);
    default:
      throw std::runtime_error("a cell of an unknown form");
  }
}

ExpectedTable read_table(const element& json) {
  ExpectedTable table;
  for (const element& column : array_at(json, "columns")) {
    table.columns.push_back(text_of(column));
  }
  for (const element& row : array_at(json, "rows")) {
    auto& cells = table.rows.emplace_back();
    const simdjson::dom::array json_cells = row.get_array();
    for (const element& cell : json_cells) {
      cells.push_back(expected_cell(cell));
      const bool skew = table.columns.at(cells.size() - 1) == "clock_skew_seconds";
      if (skew && std::holds_alternative<std::int64_t>(cells.back().value)) {
        cells.back().kind = Kind::kWithinOneSecond;
      }
    }
  }
  return table;
}

Step read_operation(const element& json) {
  const std::string name = text_at(json, "op");
  Step step;
  if (name == "sleep") {
    step.kind = Step::Kind::kSleep;
    step.pause = std::chrono::milliseconds(json["ms"].get_int64().value());
  } else if (name == "sql") {
    step.kind = Step::Kind::kSql;
    step.sql = text_at(json, "sql");
  } else if (name == "tick") {
    step.kind = Step::Kind::kTick;
  } else if (name == "retention") {
    step.kind = Step::Kind::kRetention;
  } else {
    throw std::runtime_error("unknown operation " + name);
  }
  return step;
}

Step read_step(const element& json) {
  if (has(json, "op")) return read_operation(json);
  Step step;
  step.topic = text_at(json, "topic");
  if (has(json, "payload_b64")) {
    if (!decode_base64(text_at(json, "payload_b64"), step.payload)) {
      throw std::runtime_error("bad base64");
    }
  } else {
    step.payload = text_at(json, "payload");
  }
  if (has(json, "source")) step.source = json["source"].get_uint64().value();
  return step;
}

}  // namespace

std::string to_text(const Value& value) {
  if (std::holds_alternative<Null>(value)) return "NULL";
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *integer);
  if (const auto* real = std::get_if<double>(&value)) return fmt::format("real {}", *real);
  std::string text = "'";
  for (const char c : std::get<std::string>(value)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7F) {
      text += fmt::format("\\x{:02x}", byte);
    } else {
      text += c;
    }
  }
  return text + "'";
}

std::size_t ExpectedTable::column(const std::string& name) const {
  const auto place = std::find(columns.begin(), columns.end(), name);
  if (place == columns.end()) throw std::out_of_range("no column " + name);
  return static_cast<std::size_t>(place - columns.begin());
}

Scenario load_scenario(const std::filesystem::path& path) try {
  simdjson::dom::parser parser;
  const element json = parser.load(path.string());
  Scenario scenario;
  scenario.name = text_at(json, "name");
  scenario.config_json = simdjson::minify(element(json["config"]));
  for (const element& message : array_at(json, "messages")) {
    scenario.steps.push_back(read_step(message));
  }
  const element expected = json["expect"];
  for (const auto& table : object_at(expected, "tables")) {
    scenario.tables.emplace(table.key, read_table(table.value));
  }
  for (const auto& counter : object_at(expected, "stats")) {
    scenario.stats.emplace(counter.key, counter.value.get_int64().value());
  }
  for (const element& line : array_at(json, "log")) {
    scenario.log.push_back(text_of(line));
  }
  return scenario;
} catch (const simdjson::simdjson_error& error) {
  throw std::runtime_error(path.string() + ": " + error.what());
}

}  // namespace sluice::test
