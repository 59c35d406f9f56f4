#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "receive/line_reader.h"
#include "record_source.h"

namespace sluice {

/// The records of a capture, once or several times over, each round following the one before in
/// time. Bad lines are reported on standard error (the first few in words) and counted.
///
/// Thread: bound(its user).
class CaptureRounds final : public RecordSource {
 public:
  /// Rounds >= 1; more than one needs a file that can be read again.
  CaptureRounds(std::string path, std::uint64_t rounds);

  /// The next record; its views live until the next call. False at the end. Its offset includes the
  /// earlier rounds.
  [[nodiscard]] bool next(CaptureRecord& record) override;

  [[nodiscard]] std::uint64_t records() const noexcept override { return records_; }
  [[nodiscard]] std::uint64_t bad_lines() const noexcept override { return bad_lines_; }

 private:
  void complain(const char* what);
  [[nodiscard]] bool start_next_round();

  std::string path_;
  std::uint64_t rounds_left_;
  std::optional<LineReader> reader_;
  CaptureLineParser parser_;
  std::chrono::milliseconds round_start_{0};
  std::chrono::milliseconds last_offset_{0};
  std::uint64_t records_ = 0;
  std::uint64_t bad_lines_ = 0;
  std::string error_;
};

}  // namespace sluice
