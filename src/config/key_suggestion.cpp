#include "config/key_suggestion.h"

#include <algorithm>
#include <vector>

#include "base/text.h"

namespace sluice {
namespace {

// Longer names than these are nobody's typing error, and the table below stays small.
constexpr std::size_t kLongestKey = 64;

std::size_t allowed_distance(std::size_t length) {
  if (length < 4) return 0;
  return length < 8 ? 1 : 2;
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b) {
  const std::string from = lower_cased(a);
  const std::string to = lower_cased(b);
  // Row by row: cell j is the distance between the first i characters of one and j of the other.
  std::vector<std::size_t> before_last(to.size() + 1);
  std::vector<std::size_t> last(to.size() + 1);
  std::vector<std::size_t> row(to.size() + 1);
  for (std::size_t j = 0; j <= to.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= from.size(); ++i) {
    before_last.swap(last);
    last.swap(row);
    row[0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const bool same = from[i - 1] == to[j - 1];
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1];
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return row[to.size()];
}

std::string closest_key(std::string_view written, std::span<const std::string> known) {
  if (written.size() > kLongestKey) return "";
  std::string closest;
  std::size_t least = allowed_distance(written.size()) + 1;
  for (const std::string& key : known) {
    const std::size_t distance = edit_distance(written, key);
    if (distance >= least) continue;
    least = distance;
    closest = key;
  }
  return closest;
}

}  // namespace sluice
