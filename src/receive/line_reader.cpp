#include "receive/line_reader.h"

#include <cerrno>
#include <cstring>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace sluice {
namespace {

constexpr std::size_t kChunk = std::size_t{256} << 10;

}  // namespace

LineReader::LineReader(const std::string& path, std::size_t max_line)
    : LineReader(path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC),
                 max_line) {
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "cannot open " + path);
  owned_ = path != "-";
}

// Room for the longest line, its CRLF and one full chunk behind it.
LineReader::LineReader(int fd, std::size_t max_line)
    : fd_(fd), max_line_(max_line), buffer_(fd < 0 ? 0 : max_line + 2 + kChunk + kPadding) {}

LineReader::~LineReader() {
  if (owned_) ::close(fd_);
}

LineReader::Result LineReader::next(std::string_view& line) {
  while (true) {
    const char* from = buffer_.data() + scanned_;
    const auto* newline = static_cast<const char*>(std::memchr(from, '\n', end_ - scanned_));
    if (newline != nullptr) {
      const std::size_t end = static_cast<std::size_t>(newline - buffer_.data());
      if (cut_line(end, end + 1, line)) return Result::kLine;
    } else {
      scanned_ = end_;
      if (end_ - begin_ > max_line_ + 1) {  // the one byte may be the CR of a line end
        skipping_ = true;
        begin_ = end_;
      }
      const Fill filled = fill();
      if (filled == Fill::kAgain) return Result::kAgain;
      if (filled == Fill::kData) continue;
      if (begin_ == end_ && !skipping_) return Result::kEnd;
      if (cut_line(end_, end_, line)) return Result::kLine;
    }
    if (skipping_) {
      skipping_ = false;
      return Result::kTooLong;
    }
  }
}

/// Takes [begin_, end) as a line. False when there is nothing to hand out: a blank line, or one
/// over the bound (then skipping_ is set).
bool LineReader::cut_line(std::size_t end, std::size_t next_begin, std::string_view& line) {
  std::string_view text(buffer_.data() + begin_, end - begin_);
  begin_ = scanned_ = next_begin;
  ++line_number_;
  if (skipping_) return false;
  if (text.ends_with('\r')) text.remove_suffix(1);
  if (text.size() > max_line_) {
    skipping_ = true;
    return false;
  }
  if (text.find_first_not_of(" \t") == std::string_view::npos) return false;
  line = text;
  return true;
}

LineReader::Fill LineReader::fill() {
  if (at_end_) return Fill::kEnd;
  make_room();
  const ssize_t got = ::read(fd_, buffer_.data() + end_, buffer_.size() - kPadding - end_);
  if (got > 0) {
    end_ += static_cast<std::size_t>(got);
    return Fill::kData;
  }
  if (got == 0) {
    at_end_ = true;
    return Fill::kEnd;
  }
  if (errno == EINTR || errno == EAGAIN) return Fill::kAgain;
  throw std::system_error(errno, std::generic_category(), "cannot read lines");
}

void LineReader::make_room() {
  if (begin_ == 0) return;
  std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  base_offset_ += begin_;
  end_ -= begin_;
  begin_ = 0;
  scanned_ = end_;
}

}  // namespace sluice
