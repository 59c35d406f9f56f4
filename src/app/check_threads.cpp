#include "app/check_threads.h"

#include <thread>

#include <fmt/format.h>

#include "app/thread_placement.h"

namespace sluice {

std::vector<Finding> examine_threads(const ThreadsConfig& threads) {
  std::vector<Finding> findings;
  for (const ThreadRole& role : kThreadRoles) {
    const ThreadConfig& wanted = threads.*role.thread;
    if (wanted == ThreadConfig{}) continue;
    std::vector<std::string> complaints;
    std::thread([&] { complaints = place_this_thread(wanted); }).join();
    for (std::string& complaint : complaints) {
      findings.push_back(
          {Severity::kWarning, fmt::format("sluice.threads.{}", role.name), std::move(complaint)});
    }
  }
  return findings;
}

}  // namespace sluice
