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

}  // namespace

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
