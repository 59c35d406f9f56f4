#include "decode/go_value_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>
#include <utility>
#include <vector>

#include "packet/json_text.h"

namespace sluice {
namespace {

/// The shortest digits that read back as the same number; with an exponent where that is below -4
/// or above 5, as Go's `%v` does it.
void append_go_float(std::string& out, double value) {
  std::array<char, 32> digits{};
  constexpr double kLeastPlain = 1e-4;
  constexpr double kLeastScientific = 1e6;
  const double size = std::abs(value);
  const bool plain = size == 0 || (size >= kLeastPlain && size < kLeastScientific);
  const auto result =
      std::to_chars(digits.data(), digits.data() + digits.size(), value,
                    plain ? std::chars_format::fixed : std::chars_format::scientific);
  out.append(digits.data(), result.ptr);
}

struct JsonStyle {
  static constexpr std::string_view kNull = "null";
  static constexpr std::string_view kOpenObject = "{";
  static constexpr std::string_view kCloseObject = "}";
  static constexpr char kSeparator = ',';
  static void number(std::string& out, double value) { append_json_number(out, value); }
  static void text(std::string& out, std::string_view value) { append_json_string(out, value); }
};

struct TextStyle {
  static constexpr std::string_view kNull = "<nil>";
  static constexpr std::string_view kOpenObject = "map[";
  static constexpr std::string_view kCloseObject = "]";
  static constexpr char kSeparator = ' ';
  static void number(std::string& out, double value) { append_go_float(out, value); }
  static void text(std::string& out, std::string_view value) { out += value; }
};

/// An array or object that is being written.
struct Level {
  std::vector<std::pair<std::string_view, JsonValue>> members;  ///< keys are empty in an array
  std::size_t next = 0;
  bool is_object = false;
};

Level open_array(const simdjson::dom::array& array) {
  Level level;
  for (const JsonValue& value : array) level.members.emplace_back(std::string_view(), value);
  return level;
}

/// In the order of the keys' bytes; of a key that repeats, the last value.
Level open_object(const JsonObject& object) {
  Level level;
  level.is_object = true;
  for (const auto& field : object) level.members.emplace_back(field.key, field.value);
  const auto key_less = [](const auto& a, const auto& b) { return a.first < b.first; };
  std::stable_sort(level.members.begin(), level.members.end(), key_less);
  const auto same_key = [](const auto& a, const auto& b) { return a.first == b.first; };
  const auto kept = std::unique(level.members.rbegin(), level.members.rend(), same_key).base();
  level.members.erase(level.members.begin(), kept);
  return level;
}

/// Levels are on a stack of their own: a record may have thousands of them.
template <typename Style>
class ValueWriter {
 public:
  explicit ValueWriter(std::string& out,
                       std::size_t most_levels = std::numeric_limits<std::size_t>::max())
      : out_(out), most_levels_(most_levels) {}

  /// False as soon as there are too many levels.
  bool write(const JsonValue& value) {
    begin(value);
    while (!levels_.empty()) {
      if (levels_.size() > most_levels_) return false;
      Level& level = levels_.back();
      if (level.next == level.members.size()) {
        out_ += level.is_object ? Style::kCloseObject : std::string_view("]");
        levels_.pop_back();
        continue;
      }
      if (level.next > 0) out_ += Style::kSeparator;
      const auto [key, member] = level.members[level.next++];
      if (level.is_object) {
        Style::text(out_, key);
        out_ += ':';
      }
      begin(member);  // may move the levels
    }
    return true;
  }

 private:
  void begin(const JsonValue& value) {
    switch (value.type()) {
      case simdjson::dom::element_type::OBJECT:
        out_ += Style::kOpenObject;
        levels_.push_back(open_object(value.get_object()));
        break;
      case simdjson::dom::element_type::ARRAY:
        out_ += '[';
        levels_.push_back(open_array(value.get_array()));
        break;
      case simdjson::dom::element_type::STRING:
        Style::text(out_, value.get_string());
        break;
      case simdjson::dom::element_type::BOOL:
        out_ += bool(value.get_bool()) ? "true" : "false";
        break;
      case simdjson::dom::element_type::NULL_VALUE:
        out_ += Style::kNull;
        break;
      default:
        Style::number(out_, value.get_double());
        break;
    }
  }

  std::string& out_;
  const std::size_t most_levels_;
  std::vector<Level> levels_;
};

}  // namespace

bool append_go_json(std::string& out, const JsonValue& value, std::size_t most_levels) {
  return ValueWriter<JsonStyle>(out, most_levels).write(value);
}

void append_go_text(std::string& out, const JsonValue& value) {
  static_cast<void>(ValueWriter<TextStyle>(out).write(value));
}

}  // namespace sluice
