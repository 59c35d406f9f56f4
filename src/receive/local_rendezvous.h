#pragma once

#include <string>

namespace sluice {

/// A place in the file system where a library that can only connect to an address meets us: both
/// ends of the connection belong to this process. The socket lies in a folder that nobody else may
/// enter, and both are gone once accept() has been called.
///
/// Thread: bound to the one that makes it.
class LocalRendezvous {
 public:
  /// Makes the folder under TMPDIR, else /tmp, and listens. Throws std::system_error, naming the
  /// folder.
  LocalRendezvous();
  ~LocalRendezvous();
  LocalRendezvous(const LocalRendezvous&) = delete;
  LocalRendezvous& operator=(const LocalRendezvous&) = delete;

  /// Of the socket's file.
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

  /// The other end of the connection to path() that this process has just made: a descriptor that
  /// does not block, owned by the caller. Never waits; a connection of another process is refused.
  /// Throws std::system_error if there is none.
  [[nodiscard]] int accept();

 private:
  void remove() noexcept;

  std::string folder_;
  std::string path_;
  int listener_ = -1;
};

}  // namespace sluice
