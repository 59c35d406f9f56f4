#pragma once

#include <string>
#include <string_view>

#include "rng.h"

namespace sluice {

/// Names as people give them to their nodes: mostly ASCII, some with umlauts, emoji or markup.
[[nodiscard]] std::string make_node_name(Rng& rng, std::uint32_t number);

/// A chat message of 1 to max_bytes bytes of valid UTF-8.
[[nodiscard]] std::string make_message(Rng& rng, std::size_t max_bytes);

/// `text` without what is over max_bytes, cut between two characters.
[[nodiscard]] std::string_view cut_utf8(std::string_view text, std::size_t max_bytes) noexcept;

[[nodiscard]] std::string_view iata_code(std::uint32_t number) noexcept;
/// With `#`. The first few are words, the rest `#channel-N`.
[[nodiscard]] std::string channel_name(std::uint32_t number);
/// With `#`. The list of regions that carry a scope.
[[nodiscard]] std::string_view region_name(std::uint32_t number) noexcept;

inline constexpr std::uint32_t kIataCodes = 12;
inline constexpr std::uint32_t kRegions = 6;

}  // namespace sluice
