#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace sluice {

/// What /proc says of a process. What can't be read is absent.
struct ProcessSample {
  double cpu_seconds = 0;
  std::optional<std::uint64_t> rss_bytes;
  std::optional<std::uint64_t> rss_anon_bytes;  ///< without mapped files, the journal for one
  std::optional<std::uint64_t> rss_peak_bytes;  ///< since it started
  std::optional<std::uint64_t> written_bytes;   ///< that went towards the disk
};

/// Nothing when there is no such process. `proc` is for tests.
[[nodiscard]] std::optional<ProcessSample> sample_process(int pid,
                                                          const std::string& proc = "/proc");

/// Its name, '' when there is none.
[[nodiscard]] std::string process_name(int pid, const std::string& proc = "/proc");

/// The one process other than ours that has this file open, as far as we may see; nothing when
/// there is none or more than one.
[[nodiscard]] std::optional<int> find_user_of(const std::string& path);

}  // namespace sluice
