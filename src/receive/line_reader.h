#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// Cuts a file, a pipe or standard input into lines, reading big chunks and holding no more than
/// one bounded buffer whatever the input does. Blank lines are counted and passed over, a line end
/// is LF or CRLF, the last line needs none.
///
/// Thread: bound(its user).
class LineReader {
 public:
  enum class Result : std::uint8_t {
    kLine,     ///< `line` is set
    kTooLong,  ///< a line over the bound was skipped, its number is line_number()
    kAgain,    ///< nothing now: a non-blocking input is empty or a signal came; call again
    kEnd,
  };

  /// Bytes behind every line that may be read (not written, and with any content), so that the
  /// JSON parser needs no copy.
  static constexpr std::size_t kPadding = 64;
  static constexpr std::size_t kDefaultMaxLine = std::size_t{1} << 20;

  /// Opens `path`, "-" being standard input. Throws std::system_error when it can't.
  explicit LineReader(const std::string& path, std::size_t max_line = kDefaultMaxLine);
  /// Reads from a descriptor that stays the caller's.
  explicit LineReader(int fd, std::size_t max_line = kDefaultMaxLine);
  ~LineReader();
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  /// The next line, without its end; the view lives until the next call. Throws std::system_error
  /// when reading fails.
  [[nodiscard]] Result next(std::string_view& line);

  /// Number of the line last returned or skipped, from 1.
  [[nodiscard]] std::uint64_t line_number() const noexcept { return line_number_; }
  /// Bytes consumed up to the end of that line.
  [[nodiscard]] std::uint64_t offset() const noexcept { return base_offset_ + begin_; }
  /// For waiting until a non-blocking input is readable.
  [[nodiscard]] int fd() const noexcept { return fd_; }

 private:
  enum class Fill : std::uint8_t { kData, kAgain, kEnd };

  [[nodiscard]] Fill fill();
  [[nodiscard]] bool cut_line(std::size_t end, std::size_t next_begin, std::string_view& line);
  void make_room();

  int fd_;
  bool owned_ = false;
  bool at_end_ = false;
  bool skipping_ = false;  ///< inside a line that has already broken the bound
  std::size_t max_line_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;    ///< first byte not yet handed out
  std::size_t scanned_ = 0;  ///< bytes before this hold no line end
  std::size_t end_ = 0;
  std::uint64_t base_offset_ = 0;  ///< position in the input of buffer_[0]
  std::uint64_t line_number_ = 0;
};

}  // namespace sluice
