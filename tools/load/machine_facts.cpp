#include "machine_facts.h"

#include <fstream>
#include <limits>
#include <sstream>

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <unistd.h>

namespace sluice {
namespace {

/// The first line; device tree files end in NUL.
std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  while (!line.empty() && (line.back() == '\0' || line.back() == ' ')) line.pop_back();
  return line;
}

/// What stands behind the first of these keys in `key<separator>value` lines.
std::string value_of(const std::string& path, const std::string& key, char separator) {
  std::ifstream file(path);
  std::string line;
  while (std::getline(file, line)) {
    if (!line.starts_with(key)) continue;
    const std::size_t at = line.find(separator);
    if (at == std::string::npos) continue;
    const std::size_t begin = line.find_first_not_of(" \t\"", at + 1);
    const std::size_t end = line.find_last_not_of(" \t\"");
    return begin == std::string::npos ? "" : line.substr(begin, end - begin + 1);
  }
  return {};
}

std::string cpu_name() {
  for (const char* key : {"model name", "Model", "Hardware", "CPU part"}) {
    std::string name = value_of("/proc/cpuinfo", key, ':');
    if (!name.empty()) return name;
  }
  utsname kernel{};
  ::uname(&kernel);
  return kernel.machine;
}

/// File system and device of the mount with this device number.
std::string mount_of(const std::string& device_number) {
  std::ifstream mounts("/proc/self/mountinfo");
  std::string line;
  std::string found;
  while (std::getline(mounts, line)) {
    std::istringstream fields(line);
    std::string id, parent, number;
    fields >> id >> parent >> number;
    const std::size_t dash = line.find(" - ");
    if (number != device_number || dash == std::string::npos) continue;
    std::istringstream rest(line.substr(dash + 3));
    std::string type, source;
    rest >> type >> source;
    found = fmt::format("{} on {}", type, source);
  }
  return found;
}

std::string disk_of(const std::string& database) {
  struct stat file {};
  if (::stat(database.c_str(), &file) != 0) return {};
  const std::string number = fmt::format("{}:{}", major(file.st_dev), minor(file.st_dev));
  std::string text = mount_of(number);
  // A partition's queue and model are those of the disk above it.
  for (const char* up : {"", "/.."}) {
    const std::string device = fmt::format("/sys/dev/block/{}{}", number, up);
    if (first_line(device + "/queue/rotational").empty()) continue;
    std::string model = first_line(device + "/device/model");
    if (model.empty()) model = first_line(device + "/device/name");  // SD cards
    if (!model.empty()) text += ", " + model;
    break;
  }
  return text;
}

}  // namespace

MachineFacts describe_machine(const std::string& database) {
  MachineFacts facts;
  facts.model = first_line("/proc/device-tree/model");
  facts.cpu = cpu_name();
  facts.cores = ::sysconf(_SC_NPROCESSORS_ONLN);
  facts.memory_bytes = static_cast<std::uint64_t>(::sysconf(_SC_PHYS_PAGES)) *
                       static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  utsname kernel{};
  ::uname(&kernel);
  facts.kernel = fmt::format("{} {} {}", kernel.sysname, kernel.release, kernel.machine);
  facts.system = value_of("/etc/os-release", "PRETTY_NAME", '=');
  facts.disk = disk_of(database);
  return facts;
}

std::uint64_t free_disk_bytes(const std::string& database) {
  struct statvfs disk {};
  if (::statvfs(database.c_str(), &disk) != 0) return std::numeric_limits<std::uint64_t>::max();
  return static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
}

}  // namespace sluice
