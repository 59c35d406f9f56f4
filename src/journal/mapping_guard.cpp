#include "journal/mapping_guard.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>

#include <signal.h>
#include <sys/mman.h>

namespace sluice {
namespace {

constexpr std::size_t kPlaces = 1024;  // a journal for each broker and each start of the past
constexpr std::uintptr_t kPageBytes = 4096;

/// A place is free while its begin is 0; taken by a compare-exchange to kTaken.
struct Place {
  std::atomic<std::uintptr_t> begin{0};  // stored last (release), read first (acquire)
  std::atomic<std::uintptr_t> end{0};
  std::atomic<bool> failed{false};
};
constexpr std::uintptr_t kTaken = 1;

static_assert(std::atomic<std::uintptr_t>::is_always_lock_free);  // used in a signal handler

// Of the process, as the signal is. The last one is nobody's: it stands for all that found none.
std::array<Place, kPlaces + 1> places;
struct sigaction before;

Place* place_of(std::uintptr_t address) noexcept {
  for (std::size_t i = 0; i < kPlaces; ++i) {
    const std::uintptr_t begin = places[i].begin.load(std::memory_order_acquire);
    if (begin > kTaken && begin <= address &&
        address < places[i].end.load(std::memory_order_relaxed))
      return &places[i];
  }
  return nullptr;
}

void on_bus_error(int /*signal*/, siginfo_t* info, void* /*context*/) {
  const int error = errno;
  const auto address = reinterpret_cast<std::uintptr_t>(info->si_addr);
  // Codes above 0 are the kernel's: somebody's kill() has no address.
  Place* const place = info->si_code > 0 ? place_of(address) : nullptr;
  if (place != nullptr) {
    // Not on POSIX's list of what a handler may call, but nothing but a system call.
    void* const page = static_cast<std::byte*>(info->si_addr) - address % kPageBytes;
    if (mmap(page, kPageBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
             0) == page) {
      place->failed.store(true, std::memory_order_release);  // pairs with failed()
      errno = error;
      return;
    }
  }
  // As if this had never been here: the instruction is carried out again, or the signal sent.
  sigaction(SIGBUS, &before, nullptr);
  if (info->si_code <= 0) raise(SIGBUS);
}

void install() noexcept {
  static const bool kInstalled = [] {
    struct sigaction action {};
    action.sa_sigaction = on_bus_error;
    action.sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK;
    return sigaction(SIGBUS, &action, &before) == 0;
  }();
  static_cast<void>(kInstalled);
}

}  // namespace

MappingGuard::MappingGuard(const std::byte* begin, std::size_t bytes) noexcept : place_(0) {
  install();
  for (; place_ < kPlaces; ++place_) {
    std::uintptr_t free = 0;
    if (places[place_].begin.compare_exchange_strong(free, kTaken, std::memory_order_acquire))
      break;
  }
  if (place_ == kPlaces) return;
  const auto address = reinterpret_cast<std::uintptr_t>(begin);
  places[place_].failed.store(false, std::memory_order_relaxed);
  places[place_].end.store(address + bytes, std::memory_order_relaxed);
  places[place_].begin.store(address, std::memory_order_release);
}

MappingGuard::~MappingGuard() {
  if (place_ < kPlaces) places[place_].begin.store(0, std::memory_order_release);
}

bool MappingGuard::failed() const noexcept {
  return places[place_].failed.load(std::memory_order_acquire);
}

void MappingGuard::fail() noexcept {
  if (place_ < kPlaces) places[place_].failed.store(true, std::memory_order_release);
}

}  // namespace sluice
