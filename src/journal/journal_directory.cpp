#include "journal/journal_directory.h"

#include <algorithm>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/log.h"
#include "journal/journal_error.h"

namespace sluice {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSuffix = ".journal";
constexpr std::string_view kUnfinished = ".new";  // being made: holds nothing yet

}  // namespace

JournalDirectory::JournalDirectory(fs::path path) : path_(std::move(path)), lock_(path_ / "lock") {
  find_journals();
}

void JournalDirectory::find_journals() {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(path_)) {
    if (entry.path().extension() == kUnfinished) {
      std::error_code ignored;
      fs::remove(entry.path(), ignored);
    } else if (entry.path().extension() == kSuffix) {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());  // their names begin with the start's number
  for (const fs::path& file : files) {
    try {
      JournalFile journal = JournalFile::open(file);
      run_ = std::max(run_, journal.identity().run + 1);
      // A start that received nothing, or failed right away.
      if (!holds_records(journal)) {
        if (journal.failed()) {
          set_aside(file, fmt::format("journal {}: it cannot be read", file.string()));
        } else {
          journal.remove();
        }
      } else {
        found_.push_back(std::move(journal));
      }
    } catch (const JournalDamaged& error) {
      set_aside(file, error.what());
    }
  }
}

void JournalDirectory::set_aside(const fs::path& file, std::string_view why) {
  fs::path aside = file;
  aside += ".unreadable";
  std::error_code error;
  fs::rename(file, aside, error);
  log_warn("{}; {}", why,
           error ? "it stays where it is" : "it is set aside as " + aside.filename().string());
}

JournalFile JournalDirectory::create(std::string_view source, const JournalOptions& options) {
  const fs::path path = path_ / fmt::format("{:010}-{:03}{}", run_, created_++, kSuffix);
  fs::path unfinished = path;
  unfinished += kUnfinished;
  JournalIdentity identity;
  identity.uuid = random_journal_uuid();
  identity.run = run_;
  identity.source = source;
  JournalFile file =
      JournalFile::create(unfinished, geometry_for(options), identity, options.min_free_bytes);
  file.rename(path);
  return file;
}

}  // namespace sluice
