#pragma once

#include <cstdint>
#include <vector>

namespace sluice {

/// One message that was handed to the broker.
struct Published {
  std::uint64_t key = 0;      ///< of the row it must make; 0 for a status, which makes none
  std::uint32_t at_us10 = 0;  ///< 10 µs steps since the log began
  std::uint32_t message = 0;  ///< index of its template
  std::uint32_t round = 0;
};

/// What makes an observation one: transmission, observer, path. `observer` is the run's index.
[[nodiscard]] std::uint64_t row_key(std::uint64_t content_hash, std::uint32_t observer,
                                    std::uint64_t path_hash) noexcept;

/// A row that must be there, and the first message that made it.
struct ExpectedRow {
  std::uint64_t key = 0;
  double published_at = 0;  ///< seconds since the log began
  std::uint32_t message = 0;
  std::uint32_t round = 0;
};

/// The rows that these messages must have made, by ascending key: one for each key, since the
/// tables merge the repeats of the same (transmission, observer, path).
[[nodiscard]] std::vector<ExpectedRow> expected_rows(const std::vector<Published>& log);

}  // namespace sluice
