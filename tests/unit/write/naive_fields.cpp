#include "naive_fields.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <ctime>

#include <fmt/format.h>

namespace sluice::test {
namespace {

using Element = simdjson::dom::element;
using Object = simdjson::dom::object;

/// The last of equal keys.
std::optional<Element> find(const Object& record, std::string_view key) {
  std::optional<Element> found;
  for (const auto field : record)
    if (field.key == key) found = field.value;
  return found;
}

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::optional<double> parse(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0' || !std::isfinite(value)) return std::nullopt;  // D3
  return value;
}

std::optional<double> number(const std::optional<Element>& element) {
  if (!element) return std::nullopt;
  if (element->is_int64() || element->is_double() || element->is_uint64()) return double(*element);
  if (!element->is_string()) return std::nullopt;
  std::string text = trim(std::string_view(*element));
  for (const char* unit : {"dbm", "db", "mw", "km", "mi", "m"}) {
    if (!lower(text).ends_with(unit)) continue;
    text = trim(text.substr(0, text.size() - std::string_view(unit).size()));
    break;
  }
  return parse(text);
}

/// The second key only counts if the first is not there at all.
std::optional<double> number(const Object& record, const char* first, const char* second) {
  const auto element = find(record, first);
  return number(element ? element : find(record, second));
}

Cell real(const std::optional<double>& value) { return value ? Cell{*value} : Cell{}; }

Cell rounded(const std::optional<double>& value) {
  if (!value || std::abs(*value) >= 9.2e18) return {};
  return static_cast<std::int64_t>(std::round(*value));
}

/// The last of the keys that is a string and not empty.
Cell last_text(const Object& record, std::initializer_list<const char*> keys) {
  Cell found;
  for (const char* key : keys)
    if (const auto text = text_of(record, key); text && !text->empty()) found = *text;
  return found;
}

Cell can_relay(const std::optional<Element>& repeat) {
  if (!repeat) return {};
  if (repeat->is_bool()) return std::int64_t{bool(*repeat) ? 1 : 0};
  if (repeat->is_string()) {
    const std::string word = lower(trim(std::string_view(*repeat)));
    for (const char* yes : {"on", "true", "1", "yes"})
      if (word == yes) return std::int64_t{1};
    for (const char* no : {"off", "false", "0", "no"})
      if (word == no) return std::int64_t{0};
    return {};
  }
  const auto value = number(repeat);
  return value ? Cell{std::int64_t{*value != 0 ? 1 : 0}} : Cell{};
}

}  // namespace

std::vector<std::string> split(const std::string& topic) {
  std::vector<std::string> parts(1);
  for (const char c : topic) {
    if (c == '/')
      parts.emplace_back();
    else
      parts.back() += c;
  }
  return parts;
}

std::string trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return std::string(text);
}

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    if (c == '<' || c == '>')
      result += c == '<' ? "\\u003c" : "\\u003e";
    else
      result += c;
  }
  return result;
}

std::optional<std::string> text_of(const Object& record, std::string_view key) {
  const auto element = find(record, key);
  if (!element || !element->is_string()) return std::nullopt;
  return std::string(std::string_view(*element));
}

std::optional<std::string> go_text(const Object& record, std::string_view key) {
  const auto element = find(record, key);
  if (!element) return std::nullopt;
  if (element->is_string()) return std::string(std::string_view(*element));
  if (element->is_bool()) return bool(*element) ? "true" : "false";
  if (element->is_null()) return "<nil>";
  return fmt::format("{}", double(*element));
}

NaiveRow signal(const Object& record) {
  auto direction = text_of(record, "direction");
  if (!direction) direction = text_of(record, "Direction");
  return {{"direction", direction ? Cell{*direction} : Cell{}},
          {"snr", real(number(record, "SNR", "snr"))},
          {"rssi", real(number(record, "RSSI", "rssi"))},
          {"score", rounded(number(record, "score", "Score"))}};  // D4
}

NaiveRow status_fields(const Object& record) {
  Object stats;
  const auto inner = find(record, "stats");
  const bool has_stats = inner && inner->is_object();
  if (has_stats) stats = Object(*inner);
  const auto value = [&](const char* key) {
    const auto element = has_stats ? find(stats, key) : std::nullopt;
    return number(element ? element : find(record, key));
  };
  NaiveRow fields{{"model", last_text(record, {"model"})},
                  {"radio", last_text(record, {"radio"})},
                  {"firmware", last_text(record, {"firmware", "firmware_version"})},
                  {"client_version", last_text(record, {"client_version", "clientVersion"})},
                  {"uptime_secs", rounded(value("uptime_secs"))},
                  {"can_relay", can_relay(find(record, "repeat"))}};
  for (const char* column : kMetrics) fields[column] = rounded(value(column));
  fields["noise_floor"] = real(value("noise_floor"));
  return fields;
}

bool is_stale(const Object& record, const NaiveRow& signal, const std::string& raw,
              const std::string& hash) {
  const auto* direction = std::get_if<std::string>(&signal.at("direction"));
  if (direction == nullptr || lower(*direction) != "tx") return false;
  if (const auto length = number(find(record, "len"));
      length && *length * 2 != static_cast<double>(raw.size()))
    return true;
  const auto claimed = text_of(record, "hash");
  return claimed && claimed->size() == 16 && lower(*claimed) != hash;
}

std::optional<std::int64_t> naive_skew(const Object& record, WallTime received) {
  const auto text = text_of(record, "timestamp");
  if (!text || text->size() != 19) return std::nullopt;  // one with a zone is longer
  std::tm parts{};
  if (strptime(text->c_str(), "%Y-%m-%dT%H:%M:%S", &parts) == nullptr) return std::nullopt;
  const double skew = static_cast<double>(timegm(&parts)) -
                      std::chrono::duration<double>(received.time_since_epoch()).count();
  if (skew > 14 * 3600 || skew < -30 * 86'400.0 || std::abs(skew) <= 15 * 60) return std::nullopt;
  return static_cast<std::int64_t>(skew);
}

std::string companion_json(const Object& record, const std::string& text,
                           const std::string& channel) {
  const std::size_t colon = text.find(": ");
  const bool named = colon != std::string::npos && colon >= 1 && colon <= 49;
  std::string json = "{";
  if (!channel.empty()) json += fmt::format("\"channel\":\"{}\",", escaped(channel));
  json += fmt::format("\"sender\":\"{}\",", named ? text.substr(0, colon) : "");
  if (const auto sent = go_text(record, "sender_timestamp"))
    json += fmt::format("\"sender_timestamp\":{},", *sent);
  return json +
         fmt::format("\"text\":\"{}\",\"type\":\"{}\"}}", text, channel.empty() ? "DM" : "CHAN");
}

}  // namespace sluice::test
