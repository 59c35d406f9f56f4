#pragma once

#include <cstdint>
#include <string>

namespace sluice {

/// A file or standard output ("-") that is written in large pieces.
///
/// Thread: bound(its user).
class OutputFile {
 public:
  /// Creates or empties the file. Throws std::system_error.
  explicit OutputFile(const std::string& path);
  /// Closes without writing what is still in the buffer; finish() is the way to end well.
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  /// To append to; call written() afterwards.
  [[nodiscard]] std::string& buffer() noexcept { return buffer_; }
  /// Writes the buffer out if it is large. Throws std::system_error.
  void written() {
    if (buffer_.size() >= kFlushBytes) flush();
  }
  void flush();
  /// Writes the rest and closes, so that a full disk does not go unnoticed.
  void finish();

  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_ + buffer_.size(); }

 private:
  static constexpr std::size_t kFlushBytes = std::size_t{256} << 10;

  std::string path_;
  int fd_;
  std::string buffer_;
  std::uint64_t bytes_ = 0;
};

}  // namespace sluice
