#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace sluice::test {

/// What SQLite asks of the operating system.
enum class FaultCall : std::uint8_t {
  kOpen,
  kRead,
  kWrite,
  kSync,
  kTruncate,
  kLock,    ///< for writing: what BEGIN IMMEDIATE and a checkpoint take; readers never fail on it
  kCommit,  ///< the last step of a COMMIT, after it has landed
};

enum class FaultFile : std::uint8_t { kAny, kDatabase, kWal };

/// One way to fail.
struct Fault {
  FaultCall call;
  int code;                          ///< SQLite's (extended) result code, e.g. SQLITE_IOERR_WRITE
  FaultFile file = FaultFile::kAny;  ///< of kLock and kCommit: always the database
  std::uint64_t nth = 1;             ///< the first matching call from now that fails
  std::uint64_t times = 1;           ///< … and how many from there on
  bool late = false;                 ///< the call is carried out, and then said to have failed
};

/// What goes wrong with one database of this process, and when. While it lives, all connections
/// that Sluice has to `database` go by it, whatever shims lie over the VFS, and no matter which was
/// there first; OtherConnection never does. One plan at a time. A program that uses this gets a
/// default VFS that fails nothing by itself.
///
/// Thread: any; one lock.
class FaultPlan {
 public:
  /// The path as it is opened. The same seed and the same calls give the same faults.
  explicit FaultPlan(std::string database, std::uint32_t seed = 1);
  ~FaultPlan();
  FaultPlan(const FaultPlan&) = delete;
  FaultPlan& operator=(const FaultPlan&) = delete;

  /// Adds a fault; several may wait side by side, and the oldest that applies goes first.
  void fail(const Fault& fault);
  /// Each matching call fails with this probability; `nth` and `times` don't matter.
  void fail_at_random(const Fault& fault, double probability);
  /// Calls `moment` in the middle of the nth matching call, before the call fails: the files are as
  /// a death at this moment leaves them. It must not use the database.
  void fail_and_tell(const Fault& fault, std::function<void()> moment);
  /// From now on all is well.
  void clear();
  /// Calls that failed so far, or were said to.
  [[nodiscard]] std::uint64_t failed() const;

  // --- for the VFS ---

  struct Verdict {
    int code = 0;  ///< 0: nothing happens to this call
    bool late = false;
  };
  [[nodiscard]] Verdict judge(FaultCall call, FaultFile file);
  /// Which of the database's files this is; kAny for none of them.
  [[nodiscard]] FaultFile file_of(const char* name) const;

 private:
  struct Rule {
    Fault fault;
    double probability;     // below 0: it counts
    std::uint64_t met = 0;  // matching calls
    std::function<void()> moment = {};
  };

  const std::string database_;
  mutable std::mutex mutex_;
  std::mt19937 random_;
  std::vector<Rule> rules_;
  std::uint64_t failed_ = 0;
};

}  // namespace sluice::test
