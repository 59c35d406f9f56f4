#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace sluice {

/// Keeps a second process from doing the same work. The kernel gives the lock back when the process
/// ends, however it ends; the file stays and names the last holder.
///
/// Thread: any one at a time.
class FileLock {
 public:
  /// Makes the file and its directory if need be. Throws std::runtime_error: somebody else holds
  /// the lock (the text names the process), or the file cannot be made.
  explicit FileLock(const std::filesystem::path& file);
  ~FileLock();
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&&) = delete;

 private:
  int descriptor_ = -1;
};

/// Who holds the lock of this file, as in "process 12"; nothing if nobody does, or if there is no
/// such file. Makes nothing, and waits for nobody.
[[nodiscard]] std::optional<std::string> lock_holder(const std::filesystem::path& file);

}  // namespace sluice
