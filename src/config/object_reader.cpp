#include "config/object_reader.h"

#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "base/json_repair.h"
#include "base/text.h"
#include "config/broker_url.h"
#include "config/key_suggestion.h"

namespace sluice {

using simdjson::dom::element_type;

namespace {

/// A string, and not what a number has become that no double holds.
bool is_text(const simdjson::dom::element& element) {
  return element.is_string() && !std::string_view(element).starts_with(kHugeNumberMark);
}

bool is_number(const simdjson::dom::element& element) {
  return element.is_int64() || element.is_uint64() || element.is_double();
}

bool is_integer(const simdjson::dom::element& element) { return element.is_int64(); }
bool is_boolean(const simdjson::dom::element& element) { return element.is_bool(); }
bool is_list(const simdjson::dom::element& element) { return element.is_array(); }
bool is_object(const simdjson::dom::element& element) { return element.is_object(); }

bool is_text_or_list(const simdjson::dom::element& element) {
  return is_text(element) || is_list(element);
}

bool is_huge_number(const simdjson::dom::element& element) {
  return element.is_string() && !is_text(element);
}

}  // namespace

std::string describe(const simdjson::dom::element& element, bool discreetly) {
  if (discreetly && (is_number(element) || is_huge_number(element))) return "a number";
  switch (element.type()) {
    case element_type::ARRAY:
      return "a list";
    case element_type::OBJECT:
      return "an object";
    case element_type::STRING:
      if (is_huge_number(element)) {
        return fmt::format("the number {}, which is out of range",
                           std::string_view(element).substr(kHugeNumberMark.size()));
      }
      return "a string";
    case element_type::BOOL:
      return bool(element) ? "true" : "false";
    case element_type::NULL_VALUE:
      return "null";
    case element_type::INT64:
      return fmt::format("the number {}", std::int64_t(element));
    case element_type::UINT64:
      return fmt::format("the number {}", std::uint64_t(element));
    case element_type::DOUBLE:
      return fmt::format("the number {}", double(element));
  }
  return "something else";
}

namespace {

std::vector<std::string_view> unknown_in(const LoadContext::ReadObject& read) {
  std::vector<std::string_view> unknown;
  for (const auto& object : read.objects) {
    for (const auto field : object) {
      const bool known =
          std::any_of(read.asked.begin(), read.asked.end(),
                      [&](const std::string& key) { return equal_ignoring_case(key, field.key); });
      if (!known && !field.key.starts_with("_comment")) unknown.push_back(field.key);
    }
  }
  return unknown;
}

/// A name as short as `enabled` or `password` may well be the server's, in an object of its own.
constexpr std::size_t kTellingName = 9;

/// The path of the one key that has this very name, in another object; '' if there is none.
std::string same_name_elsewhere(std::string_view name, const std::vector<Setting>& settings) {
  if (name.size() < kTellingName) return "";
  for (const Setting& setting : settings) {
    const std::size_t dot = setting.key.rfind('.');
    const std::size_t begin = dot == std::string::npos ? 0 : dot + 1;
    if (equal_ignoring_case(std::string_view(setting.key).substr(begin), name)) return setting.key;
  }
  return "";
}

}  // namespace

void report_unknown_keys(LoadContext& context) {
  for (const LoadContext::ReadObject& read : context.objects) {
    const std::string prefix = read.path.empty() ? "" : read.path + '.';
    for (const std::string_view key : unknown_in(read)) {
      std::string meant = closest_key(key, read.asked);
      if (!meant.empty())
        meant.insert(0, prefix);
      else
        meant = same_name_elsewhere(key, context.report.settings);
      context.report.unknown_keys.push_back({prefix + std::string(key), std::move(meant)});
    }
  }
}

StringMap read_string_map(const std::vector<simdjson::dom::object>& objects) {
  StringMap map;
  std::unordered_map<std::string_view, std::size_t> place;
  for (const auto& object : objects) {
    for (const auto field : object) {
      if (field.value.is_null()) continue;
      if (!is_text(field.value)) {
        map.misfit.emplace(field.key, field.value);
        return map;
      }
      const std::string_view value(field.value);
      const auto [known, added] = place.try_emplace(field.key, map.entries.size());
      if (added)
        map.entries.emplace_back(field.key, value);
      else
        map.entries[known->second].second = value;
    }
  }
  return map;
}

std::optional<std::string> LoadContext::variable(const std::string& name) const {
  std::optional<std::string> value = environment(name);
  if (value && value->empty()) value.reset();
  return value;
}

void LoadContext::fail(std::string_view key, std::string_view problem) const {
  throw ConfigError(fmt::format("{}: key \"{}\": {}", file, key, problem));
}

ObjectReader::ObjectReader(LoadContext& context, std::string path,
                           std::vector<simdjson::dom::object> objects)
    : context_(&context), path_(std::move(path)), objects_(std::move(objects)) {
  if (!present()) return;
  place_ = context.objects.size();
  context.objects.push_back({path_, objects_, {}});
}

std::string ObjectReader::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
}

void ObjectReader::mismatch(const std::string& path, std::string_view expected,
                            const Element& found) const {
  context_->fail(path, fmt::format("expected {}, found {}", expected, describe(found, secret_)));
}

void ObjectReader::record(std::string_view key, std::string value, bool in_file) {
  context_->report.settings.push_back(
      {path_of(key), std::move(value), in_file ? Origin::kFile : Origin::kDefault, ""});
}

std::vector<ObjectReader::Element> ObjectReader::find_all(std::string_view key) {
  if (!present()) return {};
  context_->objects[place_].asked.emplace_back(key);
  std::vector<Element> exact;
  std::vector<Element> found;
  for (const auto& object : objects_) {
    for (const auto field : object) {
      if (field.value.is_null()) continue;
      if (field.key == key)
        exact.push_back(field.value);
      else if (equal_ignoring_case(field.key, key))
        found.push_back(field.value);
    }
  }
  found.insert(found.end(), exact.begin(), exact.end());
  return found;
}

std::optional<ObjectReader::Element> ObjectReader::find(std::string_view key,
                                                        std::string_view expected,
                                                        bool (*fits)(const Element&)) {
  std::optional<Element> last;
  for (const Element& element : find_all(key)) {
    if (!fits(element)) mismatch(path_of(key), expected, element);
    last = element;
  }
  return last;
}

std::vector<std::string> ObjectReader::unknown_keys() const {
  std::vector<std::string> unknown;
  if (!present()) return unknown;
  for (const std::string_view key : unknown_in(context_->objects[place_]))
    unknown.push_back(path_of(key));
  return unknown;
}

// --- integers ---

std::optional<std::int64_t> ObjectReader::find_integer(std::string_view key) {
  const std::optional<Element> element = find(key, "an integer", is_integer);
  if (!element) return std::nullopt;
  return std::int64_t(*element);
}

std::int64_t ObjectReader::integer(std::string_view key, std::int64_t fallback, std::int64_t most,
                                   const IntegerRule& rule) {
  const std::optional<std::int64_t> written = find_integer(key);
  std::int64_t value = written ? rule(*written) : fallback;
  if (value > most) {
    context_->note(fmt::format("{}: {} is more than makes a difference, taken as {}", path_of(key),
                               value, most));
    value = most;
  }
  record(key, fmt::format("{}", value), written.has_value());
  return value;
}

std::int64_t ObjectReader::positive(std::string_view key, std::int64_t fallback,
                                    std::int64_t most) {
  return integer(key, fallback, most,
                 [fallback](std::int64_t written) { return written <= 0 ? fallback : written; });
}

std::int64_t ObjectReader::in_range(std::string_view key, std::int64_t fallback, std::int64_t least,
                                    std::int64_t most) {
  const std::optional<std::int64_t> written = find_integer(key);
  const std::int64_t value = written.value_or(fallback);
  if (value < least || value > most) {
    context_->fail(path_of(key), fmt::format("expected {} to {}, found {}", least, most, value));
  }
  record(key, fmt::format("{}", value), written.has_value());
  return value;
}

std::optional<std::int64_t> ObjectReader::in_range_if_set(std::string_view key, std::int64_t least,
                                                          std::int64_t most) {
  const std::optional<std::int64_t> written = find_integer(key);
  if (written && (*written < least || *written > most)) {
    context_->fail(path_of(key), fmt::format("expected {} to {}, found {}", least, most, *written));
  }
  record(key, written ? fmt::format("{}", *written) : "", written.has_value());
  return written;
}

// --- booleans and other numbers ---

std::optional<bool> ObjectReader::find_boolean(std::string_view key) {
  const std::optional<Element> element = find(key, "true or false", is_boolean);
  if (!element) return std::nullopt;
  return bool(*element);
}

bool ObjectReader::boolean(std::string_view key, bool fallback) {
  const std::optional<bool> written = find_boolean(key);
  const bool value = written.value_or(fallback);
  record(key, value ? "true" : "false", written.has_value());
  return value;
}

std::optional<bool> ObjectReader::boolean_if_set(std::string_view key) {
  const std::optional<bool> written = find_boolean(key);
  record(key, !written ? "" : *written ? "true" : "false", written.has_value());
  return written;
}

std::optional<double> ObjectReader::number_if_set(std::string_view key) {
  const std::optional<Element> element = find(key, "a number", is_number);
  std::optional<double> value;
  if (element) value = double(*element);
  record(key, value ? fmt::format("{}", *value) : "", value.has_value());
  return value;
}

// --- strings ---

std::optional<std::string> ObjectReader::find_string(std::string_view key) {
  const std::optional<Element> element = find(key, "a string", is_text);
  if (!element) return std::nullopt;
  return std::string(std::string_view(*element));
}

std::string ObjectReader::string(std::string_view key, std::string_view fallback,
                                 std::string_view variable) {
  // The file's type is checked even where the environment decides.
  const std::optional<std::string> written = find_string(key);
  if (!variable.empty()) {
    const std::string name(variable);
    if (std::optional<std::string> value = context_->variable(name)) {
      context_->report.settings.push_back({path_of(key), *value, Origin::kEnvironment, name});
      return *value;
    }
  }
  const bool in_file = written && !written->empty();
  std::string value = in_file ? *written : std::string(fallback);
  record(key, value, in_file);
  return value;
}

std::string ObjectReader::text_or_integers(std::string_view key, std::string_view expected) {
  const std::optional<Element> element = find(key, expected, is_text_or_list);
  std::string value;
  if (element && is_text(*element)) {
    value = std::string_view(*element);
  } else if (element) {
    std::vector<std::int64_t> numbers;
    std::size_t index = 0;
    for (const Element number : simdjson::dom::array(*element)) {
      const std::string path = fmt::format("{}[{}]", path_of(key), index++);
      if (number.is_null()) continue;
      if (!number.is_int64()) mismatch(path, "an integer", number);
      numbers.push_back(std::int64_t(number));
    }
    value = fmt::format("{}", fmt::join(numbers, ","));
  }
  record(key, value, !value.empty());
  return value;
}

std::string ObjectReader::secret(std::string_view key) {
  secret_ = true;
  const std::optional<std::string> written = find_string(key);
  secret_ = false;
  record(key, written && !written->empty() ? "***" : "", written.has_value());
  return written.value_or("");
}

std::string ObjectReader::url(std::string_view key) {
  const std::optional<std::string> written = find_string(key);
  record(key, mask_user_info(written.value_or("")), written.has_value());
  return written.value_or("");
}

// --- lists and maps ---

std::vector<simdjson::dom::array> ObjectReader::find_arrays(std::string_view key,
                                                            std::string_view expected) {
  std::vector<simdjson::dom::array> lists;
  for (const Element& element : find_all(key)) {
    if (!is_list(element)) mismatch(path_of(key), expected, element);
    lists.emplace_back(element);
  }
  return lists;
}

std::vector<simdjson::dom::object> ObjectReader::find_objects(std::string_view key,
                                                              std::string_view expected) {
  std::vector<simdjson::dom::object> objects;
  for (const Element& element : find_all(key)) {
    if (!is_object(element)) mismatch(path_of(key), expected, element);
    objects.emplace_back(element);
  }
  return objects;
}

std::vector<std::string> ObjectReader::strings(std::string_view key) {
  const auto lists = find_arrays(key, "a list of strings");
  std::vector<std::string> values;
  for (const auto& list : lists) {
    values.clear();
    std::size_t index = 0;
    for (const Element element : list) {
      const std::string path = fmt::format("{}[{}]", path_of(key), index++);
      if (element.is_null()) continue;
      if (!is_text(element)) mismatch(path, "a string", element);
      values.emplace_back(std::string_view(element));
    }
  }
  record(key, fmt::format("{}", fmt::join(values, ", ")), !lists.empty());
  return values;
}

std::vector<std::pair<std::string, std::string>> ObjectReader::string_map(std::string_view key) {
  secret_ = true;
  const auto objects = find_objects(key, "an object of strings");
  StringMap map = read_string_map(objects);
  if (map.misfit) {
    mismatch(fmt::format("{}.{}", path_of(key), map.misfit->first), "a string", map.misfit->second);
  }
  secret_ = false;
  record(key, fmt::format("{} entries", map.entries.size()), !objects.empty());
  return std::move(map.entries);
}

std::pair<double, double> ObjectReader::number_pair(const Element& element,
                                                    const std::string& path) const {
  std::pair<double, double> pair{0, 0};
  if (element.is_null()) return pair;
  if (!element.is_array()) mismatch(path, "[latitude, longitude]", element);
  std::size_t place = 0;
  for (const Element number : simdjson::dom::array(element)) {
    if (place > 1) break;
    if (!number.is_null() && !is_number(number))
      mismatch(fmt::format("{}[{}]", path, place), "a number", number);
    if (is_number(number)) (place == 0 ? pair.first : pair.second) = double(number);
    ++place;
  }
  return pair;
}

std::vector<std::pair<double, double>> ObjectReader::number_pairs(std::string_view key) {
  const auto lists = find_arrays(key, "a list of [latitude, longitude]");
  std::vector<std::pair<double, double>> pairs;
  for (const auto& list : lists) {
    pairs.clear();
    for (const Element element : list) {
      const std::string path = fmt::format("{}[{}]", path_of(key), pairs.size());
      pairs.push_back(number_pair(element, path));
    }
  }
  record(key, fmt::format("{} points", pairs.size()), !lists.empty());
  return pairs;
}

// --- containers ---

ObjectReader ObjectReader::object(std::string_view key) {
  return {*context_, path_of(key), find_objects(key, "an object")};
}

std::vector<ObjectReader> ObjectReader::objects(std::string_view key) {
  std::vector<std::pair<std::string, simdjson::dom::object>> members;
  for (const auto& list : find_arrays(key, "a list of objects")) {
    members.clear();
    std::size_t index = 0;
    for (const Element element : list) {
      std::string path = fmt::format("{}[{}]", path_of(key), index++);
      if (element.is_null()) continue;
      if (!is_object(element)) mismatch(path, "an object", element);
      members.emplace_back(std::move(path), simdjson::dom::object(element));
    }
  }
  std::vector<ObjectReader> readers;
  readers.reserve(members.size());
  for (auto& [path, object] : members)
    readers.emplace_back(*context_, std::move(path), std::vector{object});
  return readers;
}

}  // namespace sluice
