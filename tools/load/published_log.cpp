#include "published_log.h"

#include <algorithm>
#include <tuple>

#include "run_mark.h"

namespace sluice {

std::uint64_t row_key(std::uint64_t content_hash, std::uint32_t observer,
                      std::uint64_t path_hash) noexcept {
  const std::uint64_t key = mix_bits(content_hash ^ mix_bits(path_hash + mix_bits(observer)));
  return key != 0 ? key : 1;
}

std::vector<ExpectedRow> expected_rows(const std::vector<Published>& log) {
  std::vector<ExpectedRow> rows;
  rows.reserve(log.size());
  for (const Published& entry : log) {
    if (entry.key == 0) continue;
    rows.push_back({entry.key, entry.at_us10 * 1e-5, entry.message, entry.round});
  }
  std::sort(rows.begin(), rows.end(), [](const ExpectedRow& a, const ExpectedRow& b) {
    return std::tie(a.key, a.published_at) < std::tie(b.key, b.published_at);
  });
  const auto same = [](const ExpectedRow& a, const ExpectedRow& b) { return a.key == b.key; };
  rows.erase(std::unique(rows.begin(), rows.end(), same), rows.end());
  return rows;
}

}  // namespace sluice
