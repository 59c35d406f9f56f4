#include "receive/capture_source.h"

#include <system_error>

#include "base/log.h"

namespace sluice {
namespace {

constexpr std::size_t kMessagesPerPoll = 256;  // as many as feed cuts into a batch
constexpr std::uint64_t kBadLinesLogged = 10;  // a file of the wrong kind must not flood the log
constexpr std::chrono::milliseconds kRetryForRoom{1};

}  // namespace

CaptureSource::CaptureSource(const std::string& path, std::size_t max_line_bytes, Intake intake,
                             const Clock& clock, Wakeup* feed_wakeup)
    : reader_(path, max_line_bytes), intake_(intake), clock_(clock), feed_wakeup_(feed_wakeup) {}

std::size_t CaptureSource::poll() {
  if (done_) return 0;
  std::size_t moved = 0;
  while (moved < kMessagesPerPoll) {
    if (stop_.load(std::memory_order_relaxed)) {  // a flag alone, nothing is read through it
      finish();
      break;
    }
    if (!waiting_ && !next_record()) break;
    if (waiting_ && !intake_.offer(*waiting_)) break;
    waiting_.reset();
    // At once: the next line may be a long time coming, and reading blocks.
    if (feed_wakeup_ != nullptr && intake_.reader_waits()) feed_wakeup_->notify();
    ++moved;  // a line that is no record, too: it has been received, and dropped
  }
  return moved;
}

bool CaptureSource::next_record() {
  std::string_view line;
  std::string error;
  CaptureRecord record;
  switch (read_line(line)) {
    case LineReader::Result::kEnd:
      refuse_what_is_no_capture();
      finish();
      return false;
    case LineReader::Result::kAgain:
      return false;
    case LineReader::Result::kTooLong:
      error = "line is too long";
      break;
    case LineReader::Result::kLine:
      if (parser_.parse(line, record, error)) {
        any_record_ = true;
        waiting_ = IncomingMessage{.received = clock_.wall(),
                                   .topic = record.topic,
                                   .payload = record.payload,
                                   .message_id = 0,
                                   .qos = record.qos,
                                   .retained = record.retain,
                                   .duplicate = false};
        return true;
      }
      break;
  }
  intake_.drop(DropReason::kBadCaptureLine);
  if (++bad_lines_ <= kBadLinesLogged) {
    log_warn("capture line {}: {}{}", reader_.line_number(), printable(error),
             bad_lines_ == kBadLinesLogged ? " (further bad lines are only counted)" : "");
  }
  return true;
}

LineReader::Result CaptureSource::read_line(std::string_view& line) {
  try {
    return reader_.next(line);
  } catch (const std::system_error& error) {
    log_error("the capture can't be read any further, after line {}: {}", reader_.line_number(),
              error.what());
    failed_.store(true, std::memory_order_relaxed);
    return LineReader::Result::kEnd;
  }
}

void CaptureSource::refuse_what_is_no_capture() {
  if (any_record_ || bad_lines_ == 0) return;
  log_error(
      "this is no capture: none of its lines ({}) is a record; expected one JSON object per line, "
      "like {{\"t_ms\":0,\"topic\":\"meshcore/…\",\"payload\":\"{{…}}\"}}",
      bad_lines_);
  failed_.store(true, std::memory_order_relaxed);
}

void CaptureSource::finish() noexcept {
  intake_.close();
  done_ = true;
  if (feed_wakeup_ != nullptr) feed_wakeup_->notify();
}

MonoTime CaptureSource::next_deadline() const { return clock_.mono() + kRetryForRoom; }

}  // namespace sluice
