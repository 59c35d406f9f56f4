#include "number_text.h"

#include <cmath>

#include <fmt/format.h>

namespace sluice {

std::string count_text(std::uint64_t count) {
  std::string text = std::to_string(count);
  for (std::size_t place = text.size(); place > 3;) text.insert(place -= 3, ",");
  return text;
}

std::string rate_text(double rate) {
  if (!std::isfinite(rate) || rate < 0) return "-";
  if (rate < 10) return fmt::format("{:.3g}", rate);
  return count_text(static_cast<std::uint64_t>(std::llround(rate)));
}

std::string duration_text(double seconds) {
  if (!std::isfinite(seconds)) return "-";
  return seconds < 1 ? fmt::format("{:.0f} ms", seconds * 1000) : fmt::format("{:.1f} s", seconds);
}

std::string number_text(double value, int decimals) {
  return std::isfinite(value) ? fmt::format("{:.{}f}", value, decimals) : "-";
}

}  // namespace sluice
