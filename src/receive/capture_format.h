#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace sluice {

/// One MQTT message of a capture.
struct CaptureRecord {
  std::chrono::milliseconds offset{0};  ///< since the capture's first record, never negative
  std::string_view topic;
  std::string_view payload;  ///< any bytes
  std::uint8_t qos = 0;      ///< 0 to 2, as it was delivered
  bool retain = false;
};

/// Reads the lines of a capture: one JSON object each, with `t_ms` (number), `topic` (text) and
/// `payload` (text) or `payload_b64` (base64, for bytes that are not UTF-8), and optionally `qos`
/// (0) and `retain` (false). Other keys are passed over; the last of equal keys counts.
///
/// Thread: bound(its user).
class CaptureLineParser {
 public:
  CaptureLineParser();
  ~CaptureLineParser();
  CaptureLineParser(CaptureLineParser&&) noexcept;
  CaptureLineParser& operator=(CaptureLineParser&&) noexcept;

  /// Parses one line in place: LineReader::kPadding bytes behind it must be readable, whatever they
  /// hold. True: `record` is set and its views live until the next call, independent of the line.
  /// False: `error` says in words what is wrong with the line, and `record` is unspecified.
  [[nodiscard]] bool parse(std::string_view line, CaptureRecord& record, std::string& error);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Appends `record` as one line with its line feed. A payload that is not UTF-8 becomes
/// `payload_b64`. The topic is text by MQTT's rules; each byte of one that is not UTF-8 is written
/// as `?`.
void append_capture_line(const CaptureRecord& record, std::string& out);

}  // namespace sluice
