#pragma once

#include <cstdint>
#include <string>

namespace sluice {

/// What a result depends on.
///
/// Thread: immutable.
struct MachineFacts {
  std::string model;  ///< of a single-board computer, '' elsewhere
  std::string cpu;
  long cores = 0;
  std::uint64_t memory_bytes = 0;
  std::string kernel;
  std::string system;  ///< as the distribution calls itself
  std::string disk;    ///< where the database is
};

/// `database`: the file whose disk is meant. What can't be found out is ''.
[[nodiscard]] MachineFacts describe_machine(const std::string& database);

/// Bytes that are free for the database's file; the largest number when that can't be told.
[[nodiscard]] std::uint64_t free_disk_bytes(const std::string& database);

}  // namespace sluice
