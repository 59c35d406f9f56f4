#include "process_watch.h"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>

#include <unistd.h>

namespace sluice {
namespace {

std::string read_file(const std::string& path) {
  const std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// The number behind `key` at the start of a line.
std::optional<std::uint64_t> number_of(std::string_view text, std::string_view key) {
  std::size_t at = text.starts_with(key) ? 0 : text.find("\n" + std::string(key));
  if (at == std::string_view::npos) return std::nullopt;
  at = text.find_first_of("0123456789", text.find(key, at) + key.size());
  if (at == std::string_view::npos) return std::nullopt;
  std::uint64_t number = 0;
  std::from_chars(text.data() + at, text.data() + text.size(), number);
  return number;
}

std::optional<std::uint64_t> kib(std::string_view text, std::string_view key) {
  const auto number = number_of(text, key);
  return number ? std::optional(*number * 1024) : std::nullopt;
}

std::string folder_of(int pid, const std::string& proc) {
  return proc + "/" + std::to_string(pid) + "/";
}

}  // namespace

std::optional<ProcessSample> sample_process(int pid, const std::string& proc) {
  const std::string stat = read_file(folder_of(pid, proc) + "stat");
  // The name in parentheses may hold anything; behind it come plain numbers.
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields(stat.substr(name_end + 1));
  std::string skipped;
  for (int i = 0; i < 11; ++i) fields >> skipped;
  std::uint64_t user = 0;
  std::uint64_t system = 0;
  fields >> user >> system;

  ProcessSample sample;
  sample.cpu_seconds =
      static_cast<double>(user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
  const std::string status = read_file(folder_of(pid, proc) + "status");
  sample.rss_bytes = kib(status, "VmRSS:");
  sample.rss_anon_bytes = kib(status, "RssAnon:");
  sample.rss_peak_bytes = kib(status, "VmHWM:");
  sample.written_bytes = number_of(read_file(folder_of(pid, proc) + "io"), "write_bytes:");
  return sample;
}

std::string process_name(int pid, const std::string& proc) {
  std::string name = read_file(folder_of(pid, proc) + "comm");
  while (!name.empty() && name.back() == '\n') name.pop_back();
  return name;
}

std::optional<int> find_user_of(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path wanted = fs::canonical(path, error);
  if (error) return std::nullopt;
  std::optional<int> user;
  for (const auto& entry : fs::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename();
    int pid = 0;
    const auto parsed = std::from_chars(name.data(), name.data() + name.size(), pid);
    if (parsed.ec != std::errc{} || pid == ::getpid()) continue;
    std::error_code denied;
    for (const auto& open : fs::directory_iterator(entry.path() / "fd", denied)) {
      std::error_code gone;
      if (fs::read_symlink(open.path(), gone) != wanted) continue;
      if (user) return std::nullopt;
      user = pid;
      break;
    }
  }
  return user;
}

}  // namespace sluice
