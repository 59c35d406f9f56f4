#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "base/log_format.h"

namespace sluice {

/// The process's log: one line per event on stderr, in one of the forms of LogFormat. Lines go
/// through a bounded queue to a thread of the log's own; when the queue is full the oldest line
/// gives way and is counted, so no stage ever waits for a terminal. Before start_log() and after
/// stop_log() lines are written directly, so that start-up and shutdown errors are never lost.
///
/// Thread: any.
void start_log(LogLevel least);

/// From here on lines are written like this; until then, as text. Any time.
void set_log_format(LogFormat format) noexcept;
[[nodiscard]] LogFormat log_format() noexcept;

/// Writes what is queued and ends the log's thread. No other thread may be logging any more.
void stop_log();

/// Waits until what is queued has been written, or for `limit` if stderr is stuck.
void flush_log(std::chrono::milliseconds limit);

/// Lines that gave way because the terminal or disk behind stderr was too slow.
[[nodiscard]] std::uint64_t log_overruns();

/// Takes every line instead of stderr; an empty one gives it back. For tests, which call it while
/// nothing else logs.
using LogSink = std::function<void(LogLevel level, std::string_view message)>;
void set_log_sink(LogSink sink);

[[nodiscard]] bool log_enabled(LogLevel level) noexcept;
void log_line(LogLevel level, std::string_view message);

template <typename... Args>
void log_debug(fmt::format_string<Args...> format, Args&&... args) {
  if (log_enabled(LogLevel::kDebug))
    log_line(LogLevel::kDebug, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void log_info(fmt::format_string<Args...> format, Args&&... args) {
  if (log_enabled(LogLevel::kInfo))
    log_line(LogLevel::kInfo, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void log_warn(fmt::format_string<Args...> format, Args&&... args) {
  if (log_enabled(LogLevel::kWarn))
    log_line(LogLevel::kWarn, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void log_error(fmt::format_string<Args...> format, Args&&... args) {
  if (log_enabled(LogLevel::kError))
    log_line(LogLevel::kError, fmt::format(format, std::forward<Args>(args)...));
}

/// Text from the mesh, made safe for a log line: bytes below 0x20 and 0x7f become `?`
/// (contract 7.5), so do the control characters U+0080 to U+009F, which some terminals obey, the
/// marks that turn the direction of what follows, and bytes that are not UTF-8. What is over 256
/// bytes is cut.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace sluice
