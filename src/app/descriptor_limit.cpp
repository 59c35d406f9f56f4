#include "app/descriptor_limit.h"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>
#include <sys/resource.h>

namespace sluice {
namespace {

// The standard three, the log, the database with its WAL and index, SQLite's temporary files, the
// stats file, and some to spare for the resolver and for libraries.
constexpr rlim_t kForTheProcess = 24;
// A socket, the library's wake-up pipe, the journal, what a new connection takes before the old one
// is closed.
constexpr rlim_t kForEachSource = 10;

}  // namespace

void require_descriptors(std::size_t sources) {
  const rlim_t needed = kForTheProcess + kForEachSource * static_cast<rlim_t>(sources);
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= needed) return;
  limit.rlim_cur = std::min(needed, limit.rlim_max);
  if (limit.rlim_cur >= needed && setrlimit(RLIMIT_NOFILE, &limit) == 0) return;
  throw std::runtime_error(
      fmt::format("{} open files are allowed and {} are needed for {} source(s): raise the limit "
                  "(ulimit -n, LimitNOFILE=)",
                  limit.rlim_max, needed, sources));
}

}  // namespace sluice
