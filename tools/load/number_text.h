#pragma once

#include <cstdint>
#include <string>

namespace sluice {

/// 1,234,567
[[nodiscard]] std::string count_text(std::uint64_t count);
/// As people say rates: 250, 12,300, 0.5.
[[nodiscard]] std::string rate_text(double rate);
/// 0.4 s as "400 ms", 3 s as "3.0 s"; "-" when unknown.
[[nodiscard]] std::string duration_text(double seconds);
/// With `decimals` digits behind the point; "-" when unknown.
[[nodiscard]] std::string number_text(double value, int decimals = 1);

}  // namespace sluice
