#include "config/topic_filter.h"

#include <simdjson.h>

namespace sluice {
namespace {

constexpr std::size_t kMaxFilterBytes = 65535;
constexpr std::string_view kSharePrefix = "$share/";

bool wildcards_stand_alone(std::string_view filter) noexcept {
  for (;;) {
    const std::size_t slash = filter.find('/');
    const std::string_view level = filter.substr(0, slash);
    const bool last = slash == std::string_view::npos;
    if (level.size() > 1 && level.find_first_of("#+") != std::string_view::npos) return false;
    if (level == "#" && !last) return false;
    if (last) return true;
    filter.remove_prefix(slash + 1);
  }
}

/// Takes the first level off; the filter is at its end when none is left.
std::string_view take_level(std::string_view& filter, bool& at_end) noexcept {
  const std::size_t slash = filter.find('/');
  const std::string_view level = filter.substr(0, slash);
  at_end = slash == std::string_view::npos;
  filter.remove_prefix(at_end ? filter.size() : slash + 1);
  return level;
}

/// A wildcard at the front does not match the broker's own topics.
bool one_is_for_the_broker_only(std::string_view a, std::string_view b) noexcept {
  const auto is_wildcard = [](std::string_view filter) {
    return filter.starts_with('#') || filter.starts_with('+');
  };
  return (a.starts_with('$') && is_wildcard(b)) || (b.starts_with('$') && is_wildcard(a));
}

/// Takes `$share/GROUP/` off and returns the group, '' if there is none.
std::string_view take_group(std::string_view& filter) noexcept {
  if (!filter.starts_with(kSharePrefix)) return "";
  filter.remove_prefix(kSharePrefix.size());
  bool at_end = false;
  return take_level(filter, at_end);
}

}  // namespace

bool topic_filters_overlap(std::string_view a, std::string_view b) noexcept {
  const std::string_view group_of_a = take_group(a);
  const std::string_view group_of_b = take_group(b);
  if (!group_of_a.empty() && group_of_a == group_of_b && a == b) return false;
  if (one_is_for_the_broker_only(a, b)) return false;
  for (;;) {
    bool a_ends = false;
    bool b_ends = false;
    const std::string_view level_of_a = take_level(a, a_ends);
    const std::string_view level_of_b = take_level(b, b_ends);
    if (level_of_a == "#" || level_of_b == "#") return true;
    if (level_of_a != level_of_b && level_of_a != "+" && level_of_b != "+") return false;
    if (a_ends && b_ends) return true;
    // "x/#" matches "x" too.
    if (a_ends) return b == "#";
    if (b_ends) return a == "#";
  }
}

bool is_valid_topic_filter(std::string_view filter) noexcept {
  if (filter.empty() || filter.size() > kMaxFilterBytes) return false;
  if (filter.find('\0') != std::string_view::npos) return false;
  if (!simdjson::validate_utf8(filter.data(), filter.size())) return false;
  if (filter.substr(0, kSharePrefix.size()) == kSharePrefix) {
    filter.remove_prefix(kSharePrefix.size());
    const std::size_t slash = filter.find('/');
    if (slash == 0 || slash == std::string_view::npos || slash + 1 == filter.size()) return false;
    if (filter.substr(0, slash).find_first_of("#+") != std::string_view::npos) return false;
    filter.remove_prefix(slash + 1);
  }
  return wildcards_stand_alone(filter);
}

}  // namespace sluice
