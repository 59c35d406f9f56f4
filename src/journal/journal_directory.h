#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

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
  /// Creates the directory (mode 0700) and takes the lock. Throws JournalError: another process
  /// has it, it cannot be made or written, or it holds a journal of a newer version.
  ///
  /// A file that is no journal, or whose first page is damaged, is set aside under another name,
  /// with a warning.
  explicit JournalDirectory(std::filesystem::path path);
  ~JournalDirectory();
  JournalDirectory(const JournalDirectory&) = delete;
  JournalDirectory& operator=(const JournalDirectory&) = delete;

  /// What earlier starts have left, oldest first. Taken out by whoever reads them.
  [[nodiscard]] std::deque<JournalFile>& found() noexcept { return found_; }

  /// A new journal for this start. Throws JournalError.
  [[nodiscard]] JournalFile create(std::string_view source, const JournalOptions& options);

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  void take_lock();
  void find_journals();
  void set_aside(const std::filesystem::path& file, std::string_view why);

  std::filesystem::path path_;
  int lock_ = -1;
  std::uint64_t run_ = 1;
  unsigned created_ = 0;
  std::deque<JournalFile> found_;
};

}  // namespace sluice
