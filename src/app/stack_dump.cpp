#include "app/stack_dump.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <memory>
#include <mutex>

#include <cxxabi.h>
#include <dlfcn.h>
#include <execinfo.h>
#include <fmt/format.h>
#include <semaphore.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"

namespace sluice {
namespace {

constexpr std::size_t kFrames = 64;
constexpr std::size_t kSlots = 64;
constexpr std::uint64_t kRequestNumbers = 1U << 22U;  // with the slot they fit into an int
constexpr std::size_t kHandlerFrames = 2;  // the handler itself, and the kernel's trampoline
constexpr long kPatienceNs = 200'000'000;

/// Where one thread writes its stack. `phase` is 4 * request + one of the below, so that an answer
/// to an earlier request can't get between: whoever moves it on from "asked" owns the slot.
struct Slot {
  static constexpr std::uint64_t kFree = 0;
  static constexpr std::uint64_t kAsked = 1;
  static constexpr std::uint64_t kWriting = 2;
  static constexpr std::uint64_t kWritten = 3;

  std::atomic<std::uint64_t> phase{kFree};
  std::array<void*, kFrames> frames{};
  int depth = 0;
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);  // used in a signal handler

std::array<Slot, kSlots> slots;
std::atomic<std::uint64_t> requests_made{0};
sem_t answered;
std::mutex one_at_a_time;

int dump_signal() { return SIGRTMIN + 4; }

void answer(int /*signal*/, siginfo_t* info, void* /*context*/) {
  const int saved_errno = errno;
  const auto asked = static_cast<std::uint64_t>(info->si_value.sival_int);
  Slot& slot = slots[asked & 0xFFU];
  std::uint64_t expected = (asked >> 8U) * 4 + Slot::kAsked;
  if (slot.phase.compare_exchange_strong(expected, (asked >> 8U) * 4 + Slot::kWriting)) {
    slot.depth = backtrace(slot.frames.data(), static_cast<int>(slot.frames.size()));
    slot.phase.store((asked >> 8U) * 4 + Slot::kWritten);
    sem_post(&answered);
  }
  errno = saved_errno;
}

/// False: no such thread any more.
bool ask(pid_t thread, std::uint64_t asked) {
  siginfo_t info{};
  info.si_signo = dump_signal();
  info.si_code = SI_QUEUE;
  info.si_pid = getpid();
  info.si_uid = getuid();
  info.si_value.sival_int = static_cast<int>(asked);
  return syscall(SYS_rt_tgsigqueueinfo, getpid(), thread, dump_signal(), &info) == 0;
}

bool wait_for_answer() {
  timespec until{};
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_nsec += kPatienceNs;
  if (until.tv_nsec >= 1'000'000'000) {
    until.tv_nsec -= 1'000'000'000;
    ++until.tv_sec;
  }
  while (sem_timedwait(&answered, &until) != 0) {
    if (errno != EINTR) return false;
  }
  return true;
}

std::string demangled(const char* name) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> text(
      abi::__cxa_demangle(name, nullptr, nullptr, &status), &std::free);
  return status == 0 && text ? std::string(text.get()) : std::string(name);
}

std::string describe(std::size_t number, void* address) {
  Dl_info where{};
  if (dladdr(address, &where) == 0) return fmt::format("  #{} {}", number, address);
  const auto at = reinterpret_cast<std::uintptr_t>(address);
  const std::string file =
      where.dli_fname == nullptr ? "?" : std::filesystem::path(where.dli_fname).filename().string();
  std::string line = fmt::format("  #{} {}+{:#x}", number, file,
                                 at - reinterpret_cast<std::uintptr_t>(where.dli_fbase));
  if (where.dli_sname != nullptr) {
    line += fmt::format(" {}+{:#x}", demangled(where.dli_sname),
                        at - reinterpret_cast<std::uintptr_t>(where.dli_saddr));
  }
  return line;
}

std::string name_of(pid_t thread) {
  std::ifstream file(fmt::format("/proc/self/task/{}/comm", thread));
  std::string name;
  std::getline(file, name);
  return name;
}

std::vector<pid_t> all_threads() {
  std::vector<pid_t> threads;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task", error)) {
    threads.push_back(std::stoi(entry.path().filename().string()));
  }
  std::sort(threads.begin(), threads.end());
  return threads;
}

/// The lines of one thread's frames; or one that says why there are none.
void add_frames(pid_t thread, std::size_t place, std::vector<std::string>& lines) {
  Slot& slot = slots[place];
  const std::uint64_t number = (requests_made.fetch_add(1) + 1) % kRequestNumbers;
  if (slot.phase.load() % 4 == Slot::kWriting) {
    lines.emplace_back("  still busy with an earlier request");
    return;
  }
  slot.phase.store(number * 4 + Slot::kAsked);
  if (!ask(thread, (number << 8U) | place)) {
    slot.phase.store(Slot::kFree);
    lines.emplace_back("  has ended");
    return;
  }
  while (slot.phase.load() != number * 4 + Slot::kWritten) {
    if (wait_for_answer()) continue;  // maybe the late answer of another one
    std::uint64_t expected = number * 4 + Slot::kAsked;
    slot.phase.compare_exchange_strong(expected, Slot::kFree);  // too late now
    lines.emplace_back("  does not answer");
    return;
  }
  for (int i = static_cast<int>(kHandlerFrames); i < slot.depth; ++i) {
    const auto frame = static_cast<std::size_t>(i);
    lines.push_back(describe(frame - kHandlerFrames, slot.frames[frame]));
  }
}

}  // namespace

void install_stack_dump() {
  // The first backtrace() loads libgcc, with malloc and locks; in a handler it would be too late.
  std::array<void*, 1> unused{};
  backtrace(unused.data(), static_cast<int>(unused.size()));
  static std::once_flag once;
  std::call_once(once, [] { sem_init(&answered, 0, 0); });
  struct sigaction action {};
  action.sa_sigaction = answer;
  action.sa_flags = SA_SIGINFO | SA_RESTART;
  sigfillset(&action.sa_mask);
  sigaction(dump_signal(), &action, nullptr);
}

std::vector<std::string> stack_dump() {
  const std::lock_guard lock(one_at_a_time);
  std::vector<std::string> lines;
  std::size_t place = 0;
  for (const pid_t thread : all_threads()) {
    if (place == kSlots) {
      lines.emplace_back("… and more threads");
      break;
    }
    lines.push_back(fmt::format("thread {} ({}):", name_of(thread), thread));
    add_frames(thread, place++, lines);
  }
  return lines;
}

void log_stack_dump() {
  log_warn("stacks of all threads:");
  for (const std::string& line : stack_dump()) log_warn("{}", line);
}

}  // namespace sluice
