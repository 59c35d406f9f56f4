#include "base/wakeup.h"

#include <algorithm>
#include <climits>
#include <ctime>

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace sluice {
namespace {

static_assert(sizeof(std::atomic<std::uint32_t>) == sizeof(std::uint32_t),
              "the kernel looks at the atomic's own word");

}  // namespace

void Wakeup::wait(std::uint32_t ticket, std::chrono::nanoseconds timeout) noexcept {
  timeout = std::max(timeout, std::chrono::nanoseconds::zero());
  const auto whole = std::chrono::floor<std::chrono::seconds>(timeout);
  const std::timespec limit{static_cast<std::time_t>(whole.count()),
                            static_cast<long>((timeout - whole).count())};
  sleepers_.fetch_add(1, std::memory_order_seq_cst);
  syscall(SYS_futex, &epoch_, FUTEX_WAIT_PRIVATE, ticket, &limit, nullptr, 0);
  sleepers_.fetch_sub(1, std::memory_order_seq_cst);
}

void Wakeup::notify() noexcept {
  epoch_.fetch_add(1, std::memory_order_seq_cst);
  if (sleepers_.load(std::memory_order_seq_cst) != 0) {
    syscall(SYS_futex, &epoch_, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
  }
}

}  // namespace sluice
