#pragma once

#include <string>
#include <string_view>

namespace sluice {

/// "1 byte", "2 bytes".
[[nodiscard]] std::string counted(std::size_t count, std::string_view noun);

/// Text from the air as it may go to a terminal: control characters (C1 too, which terminals obey),
/// direction marks and what is not UTF-8 appear as `\u{..}`. Quotes stay.
[[nodiscard]] std::string terminal_text(std::string_view text);

enum class Tone { kPlain, kTitle, kFaint, kBytes, kGood, kBad };

/// Wraps text in the ANSI escapes of a tone, or leaves it alone.
///
/// Thread: immutable.
class Painter {
 public:
  explicit Painter(bool colour) noexcept : colour_(colour) {}
  [[nodiscard]] std::string operator()(Tone tone, std::string_view text) const;

 private:
  bool colour_;
};

}  // namespace sluice
