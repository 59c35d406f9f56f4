// Any bytes as a configuration file. It is refused in words, or what is in effect keeps the
// promises that the rest of the program builds on.

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

#include <sys/mman.h>
#include <unistd.h>

#include "config/load.h"
#include "fuzz/check.h"

namespace {

using namespace sluice;

std::string file_of(const std::uint8_t* data, std::size_t size) {
  static const int fd = memfd_create("config", 0);
  FUZZ_CHECK(fd >= 0 && ftruncate(fd, 0) == 0);
  FUZZ_CHECK(pwrite(fd, data, size, 0) == static_cast<ssize_t>(size));
  return "/proc/self/fd/" + std::to_string(fd);
}

void check(const Config& config) {
  FUZZ_CHECK(!config.db_path.empty());
  FUZZ_CHECK(!config.sources.empty());
  for (const SourceConfig& source : config.sources) {
    FUZZ_CHECK(!source.topics.empty());
    FUZZ_CHECK(!source.tag.empty());
    FUZZ_CHECK(source.connect_timeout.count() > 0);
    FUZZ_CHECK(source.password.empty() || !source.username.empty());
  }
  FUZZ_CHECK(config.window.group_commit.count() >= 0);
  FUZZ_CHECK(config.window.group_commit_max_rows >= 1);
  FUZZ_CHECK(config.metrics.sample_interval.count() > 0);
  const SluiceConfig& own = config.sluice;
  FUZZ_CHECK(own.journal.max_record_bytes <= own.journal.max_bytes / 4);
  FUZZ_CHECK(own.dedup_transmissions >= 16);
  FUZZ_CHECK(own.limits.observer_messages_per_minute >= 0);
  FUZZ_CHECK(own.limits.new_observers_per_hour >= 0);
  if (config.geo_filter) {
    FUZZ_CHECK(std::isfinite(config.geo_filter->buffer_km));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string path = file_of(data, size);
  LoadReport report;
  try {
    check(load_config(path, empty_environment(), &report));
  } catch (const ConfigError& error) {
    FUZZ_CHECK(std::string(error.what()).size() > path.size());
  }
  return 0;
}
