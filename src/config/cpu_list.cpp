#include "config/cpu_list.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "base/text.h"

namespace sluice {
namespace {

std::optional<int> parse_cpu(std::string_view text) {
  text = trim_space(text);
  int cpu = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), cpu);
  if (error != std::errc{} || end != text.data() + text.size() || cpu < 0 || cpu > kLastCpu)
    return std::nullopt;
  return cpu;
}

/// `3` or `0-3`; false if it is neither.
bool append_range(std::string_view text, std::vector<int>& cpus) {
  const std::size_t dash = text.find('-');
  const std::optional<int> first = parse_cpu(text.substr(0, dash));
  const std::optional<int> last =
      dash == std::string_view::npos ? first : parse_cpu(text.substr(dash + 1));
  if (!first || !last || *first > *last) return false;
  for (int cpu = *first; cpu <= *last; ++cpu) cpus.push_back(cpu);
  return true;
}

}  // namespace

CpuListResult parse_cpu_list(std::string_view text) {
  CpuListResult result;
  if (trim_space(text).empty()) return result;
  for (bool more = true; more;) {
    const std::size_t comma = text.find(',');
    more = comma != std::string_view::npos;
    if (!append_range(text.substr(0, comma), result.cpus)) return {{}, false};
    if (more) text.remove_prefix(comma + 1);
  }
  std::sort(result.cpus.begin(), result.cpus.end());
  result.cpus.erase(std::unique(result.cpus.begin(), result.cpus.end()), result.cpus.end());
  return result;
}

std::string cpu_list_text(const std::vector<int>& cpus) {
  std::string text;
  for (std::size_t i = 0; i < cpus.size();) {
    std::size_t last = i;
    while (last + 1 < cpus.size() && cpus[last + 1] == cpus[last] + 1) ++last;
    if (!text.empty()) text += ',';
    text += last == i ? fmt::format("{}", cpus[i]) : fmt::format("{}-{}", cpus[i], cpus[last]);
    i = last + 1;
  }
  return text;
}

}  // namespace sluice
