#include "base/log_format.h"

#include <cstdio>
#include <ctime>
#include <iterator>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/timestamp_text.h"

namespace sluice {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD

/// The length of the well-formed UTF-8 sequence that `text` begins with; 0 if it is none.
std::size_t sequence_length(std::string_view text) noexcept {
  const auto at = [text](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto follows = [&at](std::size_t i) { return (at(i) & 0xC0U) == 0x80U; };
  const unsigned first = at(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return follows(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const bool overlong = first == 0xE0 && at(1) < 0xA0;
    const bool surrogate = first == 0xED && at(1) > 0x9F;
    return !overlong && !surrogate && follows(1) && follows(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool outside = (first == 0xF0 && at(1) < 0x90) || (first == 0xF4 && at(1) > 0x8F);
    return !outside && follows(1) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

/// What moves a terminal's cursor or ends a line for somebody: C0, DEL, C1 (U+0080 to U+009F) and
/// the separators U+2028 and U+2029. `sequence` is well-formed.
bool is_control(std::string_view sequence) noexcept {
  const auto first = static_cast<unsigned char>(sequence[0]);
  if (sequence.size() == 1) return first < 0x20 || first == 0x7F;
  if (sequence.size() == 2) return first == 0xC2 && static_cast<unsigned char>(sequence[1]) < 0xA0;
  return sequence == "\xE2\x80\xA8" || sequence == "\xE2\x80\xA9";
}

/// Cuts the next character off `text`; bytes that are no UTF-8 come singly, `valid` false.
std::string_view next_character(std::string_view& text, bool& valid) noexcept {
  const std::size_t length = sequence_length(text);
  valid = length > 0;
  const std::string_view sequence = text.substr(0, valid ? length : 1);
  text.remove_prefix(sequence.size());
  return sequence;
}

void append_in_one_line(std::string_view text, std::string& out) {
  while (!text.empty()) {
    bool valid = false;
    const std::string_view sequence = next_character(text, valid);
    if (valid && is_control(sequence)) {
      out += '?';
    } else {
      out += sequence;
    }
  }
}

void append_json_string(std::string_view text, std::string& out) {
  out += '"';
  while (!text.empty()) {
    bool valid = false;
    const std::string_view sequence = next_character(text, valid);
    if (!valid) {
      out += kReplacement;
    } else if (sequence == "\"" || sequence == "\\") {
      out += '\\';
      out += sequence;
    } else if (sequence.size() == 1 && is_control(sequence)) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(sequence[0]));
    } else if (sequence.size() == 2 && is_control(sequence)) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(sequence[1]));
    } else if (is_control(sequence)) {
      out += sequence.back() == '\xA8' ? "\\u2028" : "\\u2029";
    } else {
      out += sequence;
    }
  }
  out += '"';
}

std::string_view name_of(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kWarn:
      return "warn";
    case LogLevel::kError:
      break;
  }
  return "error";
}

/// syslog's numbers.
int priority_of(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::kDebug:
      return 7;
    case LogLevel::kInfo:
      return 6;
    case LogLevel::kWarn:
      return 4;
    case LogLevel::kError:
      break;
  }
  return 3;
}

void append_local_time(std::chrono::system_clock::time_point time, std::string& out) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  localtime_r(&seconds, &parts);
  fmt::format_to(std::back_inserter(out), "{:04}/{:02}/{:02} {:02}:{:02}:{:02}",
                 parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min,
                 parts.tm_sec);
}

void append_json(LogLevel level, std::chrono::system_clock::time_point time, std::string_view text,
                 std::string& out) {
  const auto stamp = std::chrono::time_point_cast<std::chrono::microseconds>(time);
  const auto milliseconds =
      std::chrono::floor<std::chrono::milliseconds>(stamp).time_since_epoch().count() % 1000;
  const TimestampText seconds(stamp);
  fmt::format_to(std::back_inserter(out), R"({{"time":"{}.{:03}Z","level":"{}","text":)",
                 seconds.view().substr(0, seconds.view().size() - 1), milliseconds, name_of(level));
  append_json_string(text, out);
  out += '}';
}

}  // namespace

std::optional<LogFormat> parse_log_format(std::string_view name) noexcept {
  if (name == "text") return LogFormat::kText;
  if (name == "plain") return LogFormat::kPlain;
  if (name == "json") return LogFormat::kJson;
  return std::nullopt;
}

LogFormat choose_log_format(const char* journal_stream) noexcept {
  unsigned long device = 0;
  unsigned long inode = 0;
  struct stat status {};
  const bool journal =
      journal_stream != nullptr && std::sscanf(journal_stream, "%lu:%lu", &device, &inode) == 2 &&
      fstat(STDERR_FILENO, &status) == 0 && status.st_dev == device && status.st_ino == inode;
  return journal ? LogFormat::kPlain : LogFormat::kText;
}

void append_log_line(LogFormat format, LogLevel level, std::chrono::system_clock::time_point time,
                     std::string_view text, std::string& out) {
  switch (format) {
    case LogFormat::kText:
      append_local_time(time, out);
      out += " [ingestor] ";
      append_in_one_line(text, out);
      break;
    case LogFormat::kPlain:
      fmt::format_to(std::back_inserter(out), "<{}>", priority_of(level));
      append_in_one_line(text, out);
      break;
    case LogFormat::kJson:
      append_json(level, time, text, out);
      break;
  }
  out += '\n';
}

}  // namespace sluice
