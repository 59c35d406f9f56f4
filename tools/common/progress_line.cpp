#include "progress_line.h"

#include <cstdio>

#include <fmt/format.h>
#include <unistd.h>

namespace sluice {

ProgressLine::ProgressLine(std::chrono::seconds without_terminal, bool quiet)
    : terminal_(::isatty(STDERR_FILENO) == 1),
      every_(terminal_ ? std::chrono::seconds(1) : without_terminal) {
  if (quiet) every_ = std::chrono::milliseconds(0);
  next_ = std::chrono::steady_clock::now() + every_;
}

bool ProgressLine::due() {
  if (every_.count() == 0) return false;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_) return false;
  next_ = now + every_;
  return true;
}

void ProgressLine::show(std::string_view line) {
  if (terminal_) {
    fmt::print(stderr, "\r{}\x1b[K", line);
  } else {
    fmt::print(stderr, "{}\n", line);
  }
  std::fflush(stderr);
  shown_ = true;
}

void ProgressLine::clear() {
  if (!terminal_ || !shown_) return;
  fmt::print(stderr, "\r\x1b[K");
  std::fflush(stderr);
}

}  // namespace sluice
