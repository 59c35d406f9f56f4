// Preloaded into the program under test, this is a disk that stops answering: as long as the file
// that SLUICE_TEST_STUCK_DISK names exists, no sync of a database's file returns.

#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

bool is_of_a_database(int file) {
  char link[64];
  char name[4096];
  const char digits[] = "0123456789";
  // No stdio: whoever preloads this may be anywhere.
  char* end = link;
  std::memcpy(end, "/proc/self/fd/", 14);
  end += 14;
  if (file >= 100) *end++ = digits[file / 100 % 10];
  if (file >= 10) *end++ = digits[file / 10 % 10];
  *end++ = digits[file % 10];
  *end = '\0';
  const ssize_t size = readlink(link, name, sizeof name - 1);
  if (size < 0) return false;
  name[size] = '\0';
  return std::strstr(name, "mesh.db") != nullptr && std::strstr(name, "mesh.db-sluice") == nullptr;
}

void hold(int file) {
  const char* stuck = std::getenv("SLUICE_TEST_STUCK_DISK");
  if (stuck == nullptr || !is_of_a_database(file)) return;
  while (access(stuck, F_OK) == 0) usleep(20'000);
}

}  // namespace

extern "C" int fdatasync(int file) {
  hold(file);
  return static_cast<int>(syscall(SYS_fdatasync, file));
}

extern "C" int fsync(int file) {
  hold(file);
  return static_cast<int>(syscall(SYS_fsync, file));
}
