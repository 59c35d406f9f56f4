#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace sluice {

/// How often the same text is news.
struct LogCollapseRule {
  std::uint32_t lines = 1;          ///< that are written as they come, at least 1 …
  std::chrono::seconds within{60};  ///< … in this time; what comes oftener is counted
};

/// Keeps an error that comes again and again from being a line each time: the first one (or the
/// first few) is told, the next are counted, and once a minute, or when the trouble ends, one line
/// says how many there were. It neither writes nor waits; its user writes what it returns.
///
/// Texts are told apart as a whole, and only the last few of them are remembered, so an error whose
/// text never repeats is never collapsed: bound those with a LogThrottle.
///
/// Thread: bound to its user.
class LogCollapse {
 public:
  static constexpr std::chrono::seconds kTellEvery{60};
  static constexpr std::size_t kTexts = 16;

  explicit LogCollapse(const LogCollapseRule& rule = {}) noexcept : rule_(rule) {}

  /// The error happened. Returns what is to be written: the text itself when it is news, a summary
  /// when one is due, the summary of a text that had to give way; mostly nothing.
  [[nodiscard]] std::vector<std::string> note(std::string_view text, MonoTime now);

  /// Summaries that are due by now. A text that has not come again for kTellEvery is forgotten, and
  /// is news the next time.
  [[nodiscard]] std::vector<std::string> take_due(MonoTime now);

  /// It works again: whatever has not been told yet. Every text is news after this.
  [[nodiscard]] std::vector<std::string> end(MonoTime now);

  /// When take_due() will have something to tell; MonoTime::max() while there is nothing.
  [[nodiscard]] MonoTime next_deadline() const noexcept;

 private:
  struct Spell {
    std::string text;
    std::uint64_t untold = 0;  // repeats since told_at
    MonoTime told_at;
    MonoTime began;  // of the time in which `lines` were written
    std::uint32_t lines = 1;
    bool collapsed = false;  // until it is forgotten
  };

  [[nodiscard]] bool admits(Spell& spell, MonoTime now) const noexcept;
  static void tell(Spell& spell, MonoTime now, std::vector<std::string>& lines);

  LogCollapseRule rule_;
  std::vector<Spell> spells_;  // oldest first
};

}  // namespace sluice
