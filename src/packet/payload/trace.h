#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "packet/frame.h"

namespace sluice {

/// What a dB is worth in the signed SNR bytes on air.
inline constexpr double kSnrStepsPerDb = 4.0;

/// A TRACE's payload, cut into fields. `route` is a view into the payload.
struct Trace {
  std::uint32_t tag = 0;
  std::uint32_t auth_code = 0;
  std::uint8_t flags = 0;
  std::span<const std::uint8_t> route;

  /// Bytes per entry of the route: 1, 2, 4 or 8. Unrelated to the header's hash size.
  [[nodiscard]] std::size_t hop_size() const noexcept { return std::size_t{1} << (flags & 3U); }
  /// Whole entries; a remainder is ignored.
  [[nodiscard]] std::size_t hop_count() const noexcept { return route.size() / hop_size(); }
  [[nodiscard]] std::span<const std::uint8_t> hop(std::size_t index) const noexcept {
    return route.subspan(index * hop_size(), hop_size());
  }
};

/// Nothing when the payload is shorter than its fixed fields (9 bytes).
[[nodiscard]] std::optional<Trace> parse_trace(std::span<const std::uint8_t> payload) noexcept;

}  // namespace sluice
