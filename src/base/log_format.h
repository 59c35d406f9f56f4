#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

enum class LogLevel { kDebug, kInfo, kWarn, kError };

/// How a line of the log is written.
enum class LogFormat : std::uint8_t {
  kText,   ///< `YYYY/MM/DD HH:MM:SS [ingestor] message`, local time (contract 7.5)
  kPlain,  ///< `<4>message`: syslog's priority, which systemd's journal takes off; it has a clock
  kJson,   ///< an object a line: `time` (UTC), `level`, `text`
};

/// `text`, `plain` or `json`.
[[nodiscard]] std::optional<LogFormat> parse_log_format(std::string_view name) noexcept;

/// kPlain when stderr goes to systemd's journal, else kText. `journal_stream` is the environment's
/// JOURNAL_STREAM, device and inode of the journal's socket; may be null.
[[nodiscard]] LogFormat choose_log_format(const char* journal_stream) noexcept;

/// Appends one line and its end to `out`. Whatever `text` holds, it can't begin another line:
/// control characters (those of C1 and line separators of Unicode too) become `?`, or JSON escapes.
void append_log_line(LogFormat format, LogLevel level, std::chrono::system_clock::time_point time,
                     std::string_view text, std::string& out);

}  // namespace sluice
