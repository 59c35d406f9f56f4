#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sluice {

/// CPU numbers are 0 to this: what the C library's fixed-size set holds.
inline constexpr int kLastCpu = 1023;

struct CpuListResult {
  std::vector<int> cpus;  ///< ascending, each once
  bool valid = true;
};

/// CPU numbers and ranges as the kernel and taskset write them: `0-3,6`. Blanks around them do no
/// harm; without any number the list is empty.
[[nodiscard]] CpuListResult parse_cpu_list(std::string_view text);

/// The same way back; `cpus` ascend.
[[nodiscard]] std::string cpu_list_text(const std::vector<int>& cpus);

}  // namespace sluice
