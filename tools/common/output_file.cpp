#include "output_file.h"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace sluice {

OutputFile::OutputFile(const std::string& path)
    : path_(path),
      fd_(path == "-" ? STDOUT_FILENO
                      : ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) {
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "cannot write " + path);
  buffer_.reserve(kFlushBytes * 2);
}

OutputFile::~OutputFile() {
  if (fd_ > STDERR_FILENO) ::close(fd_);
}

void OutputFile::flush() {
  std::size_t done = 0;
  while (done < buffer_.size()) {
    const ssize_t n = ::write(fd_, buffer_.data() + done, buffer_.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw std::system_error(errno, std::generic_category(), "cannot write " + path_);
    done += static_cast<std::size_t>(n);
  }
  bytes_ += done;
  buffer_.clear();
}

void OutputFile::finish() {
  flush();
  if (fd_ <= STDERR_FILENO) return;
  const int result = ::close(fd_);
  fd_ = -1;
  if (result != 0) throw std::system_error(errno, std::generic_category(), "cannot write " + path_);
}

}  // namespace sluice
