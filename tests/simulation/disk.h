#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "history.h"
#include "journal/journal.h"

namespace sluice::test {

/// Draws a number in [0, bound).
using Draw = std::function<std::uint32_t(std::uint32_t bound)>;

/// What of the files outlives a death: the process leaves everything that it has written, a power
/// cut leaves of each journal the pages that were synced, and any of the others.
class Disk {
 public:
  /// Copies what a process that dies now leaves behind: the database, its WAL, the journals. Not
  /// the shared memory, which ends with the process.
  static void copy(const std::filesystem::path& from, const std::filesystem::path& to);

  /// This journal has been synced, and everything up to `seq` with it.
  void synced(const Journal& journal, const std::filesystem::path& file, std::uint64_t seq);

  /// The power fails, and this is what is left in `directory`: of some journals all pages up to a
  /// drawn byte, of the others any pages. Tells the history what has to be there all the same.
  void cut_power(const std::filesystem::path& directory, const Draw& draw, History& history);

 private:
  using Bytes = std::vector<char>;
  struct Synced {
    Bytes bytes;
    std::uint64_t seq = 0;
    bool came_through = false;  // an earlier cut; nobody has written to it since
  };

  static History::Cut tear_tail(const JournalFile& file, const Synced& synced, Bytes& bytes,
                                const Draw& draw);
  static void mix_pages(const Synced& synced, Bytes& bytes, const Draw& draw);

  std::map<std::string, Synced> synced_;  // by uuid
};

}  // namespace sluice::test
