#include "receive/local_rendezvous.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace sluice {
namespace {

constexpr int kBacklog = 4;

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

std::string make_folder() {
  const char* const set = std::getenv("TMPDIR");
  std::string folder = set != nullptr && *set != '\0' ? set : "/tmp";
  folder += "/sluice-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) fail("cannot make the folder " + folder);
  return folder;
}

bool is_this_process(int connection) {
  ucred peer{};
  socklen_t size = sizeof peer;
  return getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.pid == getpid();
}

}  // namespace

LocalRendezvous::LocalRendezvous() : folder_(make_folder()), path_(folder_ + "/s") {
  try {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path_.size() >= sizeof address.sun_path) {
      errno = ENAMETOOLONG;
      fail("cannot listen on " + path_);
    }
    std::memcpy(address.sun_path, path_.c_str(), path_.size());
    listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listener_ < 0 ||
        bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        listen(listener_, kBacklog) != 0)
      fail("cannot listen on " + path_);
  } catch (...) {
    remove();
    throw;
  }
}

LocalRendezvous::~LocalRendezvous() { remove(); }

int LocalRendezvous::accept() {
  int connection = -1;
  do {
    if (connection >= 0) close(connection);
    connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  } while (connection >= 0 ? !is_this_process(connection)
                           : errno == EINTR || errno == ECONNABORTED);
  const int error = errno;
  remove();
  errno = error;
  if (connection < 0) fail("nobody has connected to " + path_);
  return connection;
}

void LocalRendezvous::remove() noexcept {
  if (listener_ >= 0) close(listener_);
  listener_ = -1;
  if (folder_.empty()) return;
  unlink(path_.c_str());
  rmdir(folder_.c_str());
  folder_.clear();
}

}  // namespace sluice
