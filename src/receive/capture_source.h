#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/stage.h"
#include "base/wakeup.h"
#include "receive/capture_format.h"
#include "receive/intake.h"
#include "receive/line_reader.h"

namespace sluice {

/// A capture file, or standard input, as a source. It is patient: when the journal is full it waits
/// for room and drops nothing. A line that is no capture record is counted as dropped, with its
/// number in the log.
///
/// Messages get the time at which they are read; the capture's own clock is not used, just as with
/// a broker.
///
/// Thread: bound(receive).
class CaptureSource final : public Stage {
 public:
  /// Throws std::system_error when the file can't be opened. `feed_wakeup` may be null.
  CaptureSource(const std::string& path, std::size_t max_line_bytes, Intake intake,
                const Clock& clock, Wakeup* feed_wakeup = nullptr);

  std::size_t poll() override;
  [[nodiscard]] bool done() const override { return done_; }

  /// Waiting for room: nobody notifies a source, so it looks again by the clock.
  [[nodiscard]] MonoTime next_deadline() const override;

  /// Ends the input at the next message; what is in the journal is still processed. Thread: any.
  void stop() noexcept { stop_.store(true, std::memory_order_relaxed); }

  /// The file could not be read to its end, or none of its lines was a record: the log says which.
  /// Thread: any, once done.
  [[nodiscard]] bool failed() const noexcept { return failed_.load(std::memory_order_relaxed); }

  [[nodiscard]] std::uint64_t lines() const noexcept { return reader_.line_number(); }

 private:
  [[nodiscard]] bool next_record();
  [[nodiscard]] LineReader::Result read_line(std::string_view& line);
  void refuse_what_is_no_capture();
  void finish() noexcept;

  LineReader reader_;
  CaptureLineParser parser_;
  Intake intake_;
  const Clock& clock_;
  Wakeup* feed_wakeup_;
  std::optional<IncomingMessage> waiting_;  // read, but the journal had no room for it
  std::uint64_t bad_lines_ = 0;
  bool any_record_ = false;
  std::atomic<bool> stop_{false};
  std::atomic<bool> failed_{false};
  bool done_ = false;
};

}  // namespace sluice
