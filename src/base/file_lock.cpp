#include "base/file_lock.h"

#include <cerrno>
#include <cstdlib>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

namespace sluice {
namespace {

std::string holder_of(int descriptor) {
  char text[24] = {};
  const ssize_t got = pread(descriptor, text, sizeof text - 1, 0);
  const long process = got > 0 ? std::strtol(text, nullptr, 10) : 0;
  return process > 0 ? fmt::format("process {}", process) : "another process";
}

}  // namespace

FileLock::FileLock(const std::filesystem::path& file) {
  std::error_code error;
  if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path(), error);
  if (!error) {
    descriptor_ = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor_ < 0) error = {errno, std::system_category()};
  }
  if (error) {
    throw std::runtime_error(
        fmt::format("{} cannot be made or opened: {}", file.string(), error.message()));
  }
  if (flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    const std::string holder = holder_of(descriptor_);
    close(descriptor_);
    throw std::runtime_error(fmt::format(
        "{} is locked by {}: only one Sluice may write a database; stop the other one first",
        file.string(), holder));
  }
  const std::string self = fmt::format("{}\n", getpid());
  static_cast<void>(!ftruncate(descriptor_, 0));
  static_cast<void>(!pwrite(descriptor_, self.data(), self.size(), 0));
}

FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

FileLock::~FileLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

std::optional<std::string> lock_holder(const std::filesystem::path& file) {
  const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return std::nullopt;
  std::optional<std::string> holder;
  // Shared, so that two who ask don't take each other for a holder; closing gives it back.
  if (flock(descriptor, LOCK_SH | LOCK_NB) != 0) holder = holder_of(descriptor);
  close(descriptor);
  return holder;
}

}  // namespace sluice
