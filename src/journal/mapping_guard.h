#pragma once

#include <cstddef>

namespace sluice {

/// Keeps the process alive when a mapped file fails under it: the file was cut short, or its disk
/// cannot read a page. The kernel says so with SIGBUS at the instruction that touched the page; for
/// a guarded range its handler puts a page of zeros there, notes that the range has failed, and the
/// instruction is carried out again. Any other SIGBUS goes where it went before.
///
/// What was in the page is lost, and what is written to it from now on ends with the process: who
/// owns the range has to look at failed() and to take zeros for what they are. Two threads that
/// meet the same page at the same moment may both replace it, so what the first one has written
/// there in between is lost as well.
///
/// The handler is installed with the first guard and stays. When more ranges exist than there are
/// places for, the rest is not guarded.
///
/// Thread: any; failed() any.
class MappingGuard {
 public:
  MappingGuard(const std::byte* begin, std::size_t bytes) noexcept;
  /// Before the range is unmapped.
  ~MappingGuard();
  MappingGuard(const MappingGuard&) = delete;
  MappingGuard& operator=(const MappingGuard&) = delete;

  [[nodiscard]] bool failed() const noexcept;
  /// Somebody has found out by other means.
  void fail() noexcept;

 private:
  std::size_t place_;
};

}  // namespace sluice
