#pragma once

#include <chrono>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <vector>

#include <sys/types.h>

namespace sluice::test {

/// A program under test, with its standard output and error in one pipe. Killed when it goes out of
/// scope.
class ChildProcess {
 public:
  explicit ChildProcess(const std::vector<std::string>& command);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  void signal(int number) const;

  /// Reads until `text` has been printed, later than what the last call found. False when the
  /// program ends, or does not say so within a minute.
  [[nodiscard]] bool wait_for(const std::string& text);
  /// The same for several texts that threads print in any order.
  [[nodiscard]] bool wait_for_all(std::initializer_list<std::string> texts);

  /// Where /proc tells of its thread of this name; empty if there is none.
  [[nodiscard]] std::filesystem::path find_thread(const std::string& name) const;
  /// Until it has a thread of this name: each takes its own a little after it has started.
  [[nodiscard]] bool wait_for_thread(const std::string& name) const;

  /// Reads to the end and returns the exit code; 128 + n when signal n ended it.
  [[nodiscard]] int wait_exit();

  /// All that was read so far.
  [[nodiscard]] const std::string& output() const { return output_; }
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  [[nodiscard]] bool read_some(std::chrono::steady_clock::time_point until);

  pid_t pid_ = -1;
  int pipe_ = -1;
  std::string output_;
  std::size_t found_until_ = 0;
};

}  // namespace sluice::test
