#pragma once

#include <cstddef>
#include <vector>

#include <sys/types.h>

namespace sluice {

/// Lets libmosquitto, which fetches a packet from its socket in four small pieces (type, two bytes
/// of length, the rest), fetch them from memory: one system call then reads what has arrived, many
/// packets as well as one. `src/README.md`, decisions, has what that gives.
///
/// The library knows no other way to its bytes than read(2), so this program has a read() of its
/// own, which asks the ReadAhead of the calling thread first and otherwise does what read() does.
///
/// Bytes that wait here are out of poll()'s sight: whoever attaches a socket reads until nothing is
/// waiting() before he polls, or polls without waiting. Not for a library that may read past
/// read(), as OpenSSL does where the kernel decrypts.
///
/// Thread: bound to the one that attaches the socket; one per thread.
class ReadAhead {
 public:
  /// `capacity` in bytes: what is read ahead at most.
  explicit ReadAhead(std::size_t capacity = std::size_t{64} << 10U) : buffer_(capacity) {}
  ~ReadAhead() { detach(); }
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  /// From now on this thread's reads of `socket`, which must not block, come from here. What is
  /// left of another socket is forgotten.
  void attach(int socket) noexcept;
  /// Before its descriptor can become that of something else.
  void detach() noexcept;

  /// What read(2) of the socket would do. EAGAIN also where the kernel has not been asked again
  /// since it last gave less than there was room for: poll() knows about what has come since.
  [[nodiscard]] ssize_t read(void* into, std::size_t size) noexcept;

  [[nodiscard]] int socket() const noexcept { return socket_; }
  /// Bytes that have been read ahead and not been asked for yet.
  [[nodiscard]] std::size_t waiting() const noexcept { return end_ - begin_; }

 private:
  int socket_ = -1;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;  // what waits: [begin_, end_) of buffer_
  std::size_t end_ = 0;
  bool drained_ = false;  // the kernel had no more than it gave
};

}  // namespace sluice
