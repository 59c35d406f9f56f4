#pragma once

namespace sluice {

/// Unicode's simple mapping of one character, for the scripts that base/text.h names; what has no
/// other case there is its own.
[[nodiscard]] char32_t lower_letter(char32_t letter) noexcept;
[[nodiscard]] char32_t upper_letter(char32_t letter) noexcept;

}  // namespace sluice
