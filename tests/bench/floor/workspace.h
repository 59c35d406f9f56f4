#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace sluice::bench {

struct WorkspaceOptions {
  std::filesystem::path directory;
  std::vector<std::uint64_t> rows_before;  ///< messages that a file has taken in before a run
  std::uint64_t messages = 0;              ///< of a run
  std::uint32_t observers = 300;
};

/// Captures and databases to begin with: one network, cut in pieces, so that what a run sends is
/// the continuation of what its file holds.
///
/// Thread: bound(its user).
class Workspace {
 public:
  explicit Workspace(WorkspaceOptions options);

  /// What is sent to a file that has taken in `before` messages.
  [[nodiscard]] std::string capture(std::uint64_t before) const;
  /// The first `messages` of capture(0), for what is too slow for all of it.
  [[nodiscard]] std::string short_capture(std::uint64_t messages) const;
  /// A fresh copy of the file that has taken in `before` messages; the last one is gone. On the
  /// disk, so that writing it back does not fall into the run.
  /// `lean`: without the three indexes that others cover.
  [[nodiscard]] std::string fresh_copy(std::uint64_t before, bool lean = false) const;

 private:
  void make_captures() const;
  void make_databases() const;
  [[nodiscard]] std::string piece(std::uint64_t from, std::uint64_t to) const;
  [[nodiscard]] std::string database(std::uint64_t before) const;

  const WorkspaceOptions options_;
};

}  // namespace sluice::bench
