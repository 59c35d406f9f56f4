#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_lock.h"
#include "journal/journal.h"
#include "journal/journal_file.h"

namespace sluice {

/// The directory of one database's journals: one file for each source and start. A start never goes
/// on in an old file, so that it can receive before anything is known of the database; what earlier
/// starts have left is read once and removed.
///
/// The directory is locked against a second process for as long as the object lives.
///
/// Thread: app/'s, at start and end.
class JournalDirectory {
 public:
  /// Creates the directory and takes the lock. Throws std::runtime_error: another process has it,
  /// or the directory cannot be made or written; JournalError: a journal cannot be opened, or is of
  /// a version that this one does not read.
  ///
  /// A file that is no journal, or whose first page is damaged, is set aside under another name,
  /// with a warning.
  explicit JournalDirectory(std::filesystem::path path);

  /// What earlier starts have left, oldest first. Taken out by whoever reads them.
  [[nodiscard]] std::deque<JournalFile>& found() noexcept { return found_; }

  /// A new journal for this start. Throws JournalError.
  [[nodiscard]] JournalFile create(std::string_view source, const JournalOptions& options);

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  void find_journals();
  void set_aside(const std::filesystem::path& file, std::string_view why);

  std::filesystem::path path_;
  FileLock lock_;
  std::uint64_t run_ = 1;
  unsigned created_ = 0;
  std::deque<JournalFile> found_;
};

}  // namespace sluice
