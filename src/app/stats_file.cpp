#include "app/stats_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

namespace sluice {
namespace {

class FileDescriptor {
 public:
  explicit FileDescriptor(int value) : value_(value) {}
  ~FileDescriptor() {
    if (value_ >= 0) close(value_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  [[nodiscard]] int get() const noexcept { return value_; }

 private:
  int value_;
};

std::string errno_text(std::string_view doing) {
  return fmt::format("{}: {}", doing, std::strerror(errno));
}

/// Emptied only once it is known to be a file with this one name: what somebody else has put here
/// must not be harmed.
std::string take_over(int file) {
  struct stat status {};
  if (fstat(file, &status) != 0) return errno_text("fstat");
  if (!S_ISREG(status.st_mode) || status.st_nlink != 1) return "something else has its name";
  if (fchmod(file, 0600) != 0) return errno_text("fchmod");
  return ftruncate(file, 0) == 0 ? "" : errno_text("ftruncate");
}

}  // namespace

std::string StatsFile::write(std::string_view content) {
  {
    // Without O_NONBLOCK a pipe at this place would hold us up.
    const FileDescriptor file(
        open(temporary_.c_str(), O_CREAT | O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600));
    if (file.get() < 0) return errno_text(temporary_);
    if (const std::string problem = take_over(file.get()); !problem.empty())
      return fmt::format("{}: {}", temporary_, problem);
    while (!content.empty()) {
      const ssize_t written = ::write(file.get(), content.data(), content.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return errno_text(temporary_);
      content.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  return std::rename(temporary_.c_str(), path_.c_str()) == 0 ? "" : errno_text(path_);
}

void StatsFile::publish(std::string_view content) noexcept {
  try {
    std::string problem = write(content);
    if (problem == reported_) return;
    if (problem.empty())
      log_info("stats file: written again: {}", path_);
    else
      log_warn("stats file: {}", problem);
    reported_ = std::move(problem);
  } catch (const std::exception&) {
    // No memory for a message: the next second has its own attempt.
  }
}

}  // namespace sluice
