#pragma once

#include <chrono>
#include <string_view>

namespace sluice {

/// Tells on standard error how far a long run is: a line that rewrites itself on a terminal, one
/// line every now and then elsewhere, so that a log stays readable.
///
/// Thread: bound(its user).
class ProgressLine {
 public:
  /// How often to speak where there is no terminal; zero = never.
  explicit ProgressLine(std::chrono::seconds without_terminal, bool quiet = false);

  /// True when it is time for the next line. Cheap enough for every few hundred messages.
  [[nodiscard]] bool due();
  void show(std::string_view line);
  /// Takes the line off a terminal, so that what follows stands alone.
  void clear();

 private:
  bool terminal_;
  bool shown_ = false;
  std::chrono::milliseconds every_;
  std::chrono::steady_clock::time_point next_;
};

}  // namespace sluice
