#include "receive/read_ahead.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>

#include <dlfcn.h>
#include <sys/socket.h>

namespace sluice {
namespace {

thread_local constinit ReadAhead* attached = nullptr;

using ReadFunction = ssize_t (*)(int, void*, std::size_t);

/// The read() that this one stands before: the C library's, or that of a sanitizer's library.
ReadFunction next_read() noexcept {
  static constinit std::atomic<ReadFunction> found{nullptr};
  ReadFunction next = found.load(std::memory_order_relaxed);  // whoever looks finds the same
  if (next == nullptr) {
    next = reinterpret_cast<ReadFunction>(dlsym(RTLD_NEXT, "read"));
    found.store(next, std::memory_order_relaxed);
  }
  return next;
}

// Looked for at start, since a signal handler, which may call read(), must not call dlsym().
[[maybe_unused]] const ReadFunction kLookedForAtStart = next_read();

}  // namespace

void ReadAhead::attach(int socket) noexcept {
  socket_ = socket;
  begin_ = end_ = 0;
  drained_ = false;
  attached = this;
}

void ReadAhead::detach() noexcept {
  socket_ = -1;
  if (attached == this) attached = nullptr;
}

ssize_t ReadAhead::read(void* into, std::size_t size) noexcept {
  if (begin_ == end_) {
    if (drained_) {
      drained_ = false;
      errno = EAGAIN;
      return -1;
    }
    if (size >= buffer_.size()) return recv(socket_, into, size, 0);
    const ssize_t got = recv(socket_, buffer_.data(), buffer_.size(), 0);
    if (got <= 0) return got;
    begin_ = 0;
    end_ = static_cast<std::size_t>(got);
    drained_ = end_ < buffer_.size();
  }
  const std::size_t given = std::min(size, end_ - begin_);
  std::memcpy(into, buffer_.data() + begin_, given);
  begin_ += given;
  return static_cast<ssize_t>(given);
}

/// Takes the C library's place for the whole program, shared libraries included, because the
/// program comes first where symbols are looked up. The label, since <unistd.h> may have made
/// read() an inline function.
__attribute__((visibility("default"), used)) ssize_t read_of_this_program(
    int descriptor, void* into, std::size_t size) __asm__("read");

ssize_t read_of_this_program(int descriptor, void* into, std::size_t size) {
  if (attached != nullptr && attached->socket() == descriptor) return attached->read(into, size);
  return next_read()(descriptor, into, size);
}

}  // namespace sluice
