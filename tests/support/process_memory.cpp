#include "support/process_memory.h"

#include <algorithm>
#include <fstream>
#include <string>

namespace sluice::test {

std::size_t resident_anonymous_bytes() {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    std::size_t kib = 0;
    if (word == "RssAnon:" && status >> kib) return kib * 1024;
  }
  return 0;
}

bool memory_can_be_measured() noexcept { return !SLUICE_SANITIZED; }

void PeakMemory::look() {
  const std::size_t now = resident_anonymous_bytes();
  growth_ = std::max(growth_, now > first_ ? now - first_ : 0);
}

}  // namespace sluice::test
