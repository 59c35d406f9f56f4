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

/// Why it can't be asked; empty if it can.
std::string send_request(pid_t thread, std::uint64_t asked) {
  siginfo_t info{};
  info.si_signo = dump_signal();
  info.si_code = SI_QUEUE;
  info.si_pid = getpid();
  info.si_uid = getuid();
  info.si_value.sival_int = static_cast<int>(asked);
  if (syscall(SYS_rt_tgsigqueueinfo, getpid(), thread, dump_signal(), &info) == 0) return "";
  return errno == ESRCH ? "has ended" : "takes no more signals";
}

std::string name_of(pid_t thread) {
  std::ifstream file(fmt::format("/proc/self/task/{}/comm", thread));
  std::string name;
  std::getline(file, name);
  return name;
}

/// What one thread was asked; its place among all is that of its slot.
struct Question {
  pid_t thread;
  std::string name;
  std::uint64_t number;
  std::string problem;  ///< why there are no frames
};

Question ask(pid_t thread, std::size_t place) {
  Slot& slot = slots[place];
  Question question{thread, name_of(thread), (requests_made.fetch_add(1) + 1) % kRequestNumbers,
                    ""};
  if (slot.phase.load() % 4 == Slot::kWriting) {
    question.problem = "still busy with an earlier request";
    return question;
  }
  slot.phase.store(question.number * 4 + Slot::kAsked);
  question.problem = send_request(thread, (question.number << 8U) | place);
  if (!question.problem.empty()) slot.phase.store(Slot::kFree);
  return question;
}

timespec deadline_after(std::chrono::nanoseconds patience) {
  timespec until{};
  clock_gettime(CLOCK_REALTIME, &until);
  const auto whole = std::chrono::nanoseconds(until.tv_nsec) + patience;
  until.tv_sec += whole / std::chrono::seconds(1);
  until.tv_nsec = (whole % std::chrono::seconds(1)).count();
  return until;
}

/// False: the time is over.
bool wait_for_any_answer(const timespec& until) {
  while (sem_timedwait(&answered, &until) != 0) {
    if (errno != EINTR) return false;
  }
  return true;
}

void await_answer(Question& question, std::size_t place, const timespec& until) {
  Slot& slot = slots[place];
  while (slot.phase.load() != question.number * 4 + Slot::kWritten) {
    if (wait_for_any_answer(until)) continue;
    std::uint64_t expected = question.number * 4 + Slot::kAsked;
    slot.phase.compare_exchange_strong(expected, Slot::kFree);  // too late now
    if (expected != question.number * 4 + Slot::kWritten) question.problem = "does not answer";
    return;
  }
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

std::vector<pid_t> all_threads() {
  std::vector<pid_t> threads;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task", error)) {
    threads.push_back(std::stoi(entry.path().filename().string()));
  }
  std::sort(threads.begin(), threads.end());
  return threads;
}

void add_frames(const Slot& slot, std::vector<std::string>& lines) {
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

std::vector<std::string> stack_dump(std::chrono::milliseconds patience) {
  const std::lock_guard lock(one_at_a_time);
  const std::vector<pid_t> threads = all_threads();
  while (sem_trywait(&answered) == 0) {  // what nobody had to wait for last time
  }
  // All are asked before anybody is waited for: those that are stuck must not use up the time of
  // those that are merely slow.
  std::vector<Question> questions;
  for (std::size_t place = 0; place < std::min(threads.size(), kSlots); ++place) {
    questions.push_back(ask(threads[place], place));
  }
  const timespec until = deadline_after(patience);
  std::vector<std::string> lines;
  for (std::size_t place = 0; place < questions.size(); ++place) {
    Question& question = questions[place];
    if (question.problem.empty()) await_answer(question, place, until);
    lines.push_back(fmt::format("thread {} ({}):", question.name, question.thread));
    if (question.problem.empty()) {
      add_frames(slots[place], lines);
    } else {
      lines.push_back("  " + question.problem);
    }
  }
  if (threads.size() > kSlots) lines.emplace_back("… and more threads");
  return lines;
}

void log_stack_dump() {
  log_warn("stacks of all threads:");
  for (const std::string& line : stack_dump()) log_warn("{}", line);
}

}  // namespace sluice
