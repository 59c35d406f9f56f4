#include "receive/client_identity.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <random>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hex.h"
#include "base/log.h"
#include "base/stable_hash.h"

namespace sluice {
namespace {

constexpr std::string_view kPrefix = "sluice-";
constexpr std::size_t kRandomDigits = 16;
constexpr std::size_t kIdBytes = kPrefix.size() + kRandomDigits;
constexpr std::size_t kTagBytesInName = 40;

[[noreturn]] void fail(const std::filesystem::path& file, const char* what) {
  throw std::system_error(errno, std::generic_category(),
                          fmt::format("client id: {} {}", what, file.string()));
}

/// Closes it when it goes out of scope.
struct Descriptor {
  explicit Descriptor(int opened) : fd(opened) {}
  ~Descriptor() {
    if (fd >= 0) close(fd);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int fd;
};

/// A little more than an id, so that a longer file does not pass for one. False: there is no file.
bool read_file(const std::filesystem::path& file, std::string& content) {
  const Descriptor opened(open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (opened.fd < 0) {
    if (errno == ENOENT) return false;
    fail(file, "cannot open");
  }
  std::array<char, 64> buffer;
  const ssize_t count = read(opened.fd, buffer.data(), buffer.size());
  if (count < 0) fail(file, "cannot read");
  content.assign(buffer.data(), static_cast<std::size_t>(count));
  return true;
}

bool is_client_id(std::string_view text) {
  if (text.size() != kIdBytes || !text.starts_with(kPrefix)) return false;
  const std::string_view digits = text.substr(kPrefix.size());
  return std::all_of(digits.begin(), digits.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::string random_client_id() {
  std::random_device device;
  std::array<std::uint8_t, kRandomDigits / 2> bytes;
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(device());
  return std::string(kPrefix) + to_lower_hex(bytes);
}

void write_file(const std::filesystem::path& file, const std::string& content) {
  const std::filesystem::path beside = file.string() + fmt::format(".{}.new", getpid());
  {
    const Descriptor opened(
        open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (opened.fd < 0) fail(beside, "cannot create");
    const auto size = static_cast<ssize_t>(content.size());
    if (write(opened.fd, content.data(), content.size()) != size || fsync(opened.fd) != 0)
      fail(beside, "cannot write");
  }
  if (rename(beside.c_str(), file.c_str()) != 0) fail(file, "cannot create");
  // The name has to outlive a power cut too: the broker keeps the session under it.
  const Descriptor folder(open(file.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.fd >= 0) fsync(folder.fd);
}

void make_folders(const std::filesystem::path& folder) {
  if (folder.empty()) return;
  std::error_code error;
  if (std::filesystem::is_directory(folder, error)) return;
  make_folders(folder.parent_path());
  if (mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST) fail(folder, "cannot create");
}

}  // namespace

std::string client_id_for(const std::filesystem::path& file) {
  std::string content;
  if (read_file(file, content)) {
    if (!content.empty() && content.back() == '\n') content.pop_back();
    if (is_client_id(content)) return content;
    log_warn(
        "{} holds no client id, making a new one: a session that a broker keeps under the old "
        "one is lost",
        file.string());
  }
  make_folders(file.parent_path());
  std::string id = random_client_id();
  write_file(file, id + "\n");
  return id;
}

std::string client_id_file_name(const std::string& tag) {
  std::string name = tag.substr(0, kTagBytesInName);
  for (char& c : name) {
    const bool safe = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '_';
    if (!safe) c = '_';
  }
  return fmt::format("{}-{:08x}.client", name,
                     static_cast<std::uint32_t>(stable_hash(tag, 0) >> 32U));
}

}  // namespace sluice
