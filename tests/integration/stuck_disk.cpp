// Preloaded into the program under test, this is a disk that stops answering: as long as the file
// that SLUICE_TEST_STUCK_DISK names exists, no sync of a database's file returns. Or one that
// fails: as long as that of SLUICE_TEST_FAILING_JOURNAL exists, no sync of a journal succeeds.

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

enum class Kind { kDatabase, kJournal, kOther };

Kind kind_of(int file) {
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
  if (size < 0) return Kind::kOther;
  name[size] = '\0';
  if (std::strstr(name, ".journal") != nullptr) return Kind::kJournal;
  if (std::strstr(name, "mesh.db-sluice") != nullptr) return Kind::kOther;
  return std::strstr(name, "mesh.db") != nullptr ? Kind::kDatabase : Kind::kOther;
}

bool is_there(const char* variable) {
  const char* name = std::getenv(variable);
  return name != nullptr && access(name, F_OK) == 0;
}

/// Whether the sync may be made.
bool let_pass(int file) {
  const Kind kind = kind_of(file);
  while (kind == Kind::kDatabase && is_there("SLUICE_TEST_STUCK_DISK")) usleep(20'000);
  if (kind != Kind::kJournal || !is_there("SLUICE_TEST_FAILING_JOURNAL")) return true;
  errno = EIO;
  return false;
}

}  // namespace

extern "C" int fdatasync(int file) {
  return let_pass(file) ? static_cast<int>(syscall(SYS_fdatasync, file)) : -1;
}

extern "C" int fsync(int file) {
  return let_pass(file) ? static_cast<int>(syscall(SYS_fsync, file)) : -1;
}
