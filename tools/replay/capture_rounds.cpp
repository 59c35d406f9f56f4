#include "capture_rounds.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "stop_signal.h"

namespace sluice {
namespace {

constexpr std::uint64_t kComplaints = 10;
constexpr std::chrono::milliseconds kBetweenRounds{1};

}  // namespace

CaptureRounds::CaptureRounds(std::string path, std::uint64_t rounds)
    : path_(std::move(path)), rounds_left_(rounds - 1) {
  reader_.emplace(path_);
}

bool CaptureRounds::next(CaptureRecord& record) {
  while (!stop_requested()) {
    std::string_view line;
    switch (reader_->next(line)) {
      case LineReader::Result::kLine:
        if (!parser_.parse(line, record, error_)) {
          complain(error_.c_str());
          break;
        }
        ++records_;
        record.offset += round_start_;
        last_offset_ = std::max(last_offset_, record.offset);
        return true;
      case LineReader::Result::kTooLong:
        complain("the line is too long");
        break;
      case LineReader::Result::kAgain:
        break;  // a signal; the loop's condition knows
      case LineReader::Result::kEnd:
        if (!start_next_round()) return false;
    }
  }
  return false;
}

bool CaptureRounds::start_next_round() {
  if (rounds_left_ == 0 || records_ == 0) return false;
  --rounds_left_;
  round_start_ = last_offset_ + kBetweenRounds;
  reader_.emplace(path_);
  return true;
}

void CaptureRounds::complain(const char* what) {
  ++bad_lines_;
  if (bad_lines_ > kComplaints) return;
  fmt::print(stderr, "{}:{}: {}\n", path_, reader_->line_number(), what);
  if (bad_lines_ == kComplaints) fmt::print(stderr, "{}: further bad lines only counted\n", path_);
}

}  // namespace sluice
