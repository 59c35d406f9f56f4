#include "app/thread_placement.h"

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

#include <fmt/format.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/log.h"
#include "config/cpu_list.h"
#include "config/load_threads.h"

namespace sluice {
namespace {

using Complaints = std::vector<std::string>;

std::string reason(int error) { return std::system_category().message(error); }

cpu_set_t to_set(const std::vector<int>& cpus) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int cpu : cpus) CPU_SET(static_cast<std::size_t>(cpu), &set);
  return set;
}

/// As the kernel writes them; empty if it does not tell.
std::string cpus_of_this_machine() {
  std::ifstream file("/sys/devices/system/cpu/online");
  std::string text;
  std::getline(file, text);
  return text;
}

std::string why_not(const std::vector<int>& cpus) {
  const std::string online = cpus_of_this_machine();
  const std::vector<int> there = parse_cpu_list(online).cpus;
  std::vector<int> absent;
  std::vector<int> forbidden;
  for (const int cpu : cpus) {
    const bool exists = there.empty() || std::binary_search(there.begin(), there.end(), cpu);
    (exists ? forbidden : absent).push_back(cpu);
  }
  std::string text;
  if (!absent.empty())
    text = fmt::format("this machine has no CPU {}, only {}", cpu_list_text(absent), online);
  if (!forbidden.empty()) {
    text += fmt::format("{}this process may not use CPU {}", text.empty() ? "" : ", and ",
                        cpu_list_text(forbidden));
  }
  return text;
}

/// The kernel is content with one CPU of those that are asked for, and silent about the others.
void move_to(const std::vector<int>& cpus, Complaints& complaints) {
  const cpu_set_t wanted = to_set(cpus);
  const int error = pthread_setaffinity_np(pthread_self(), sizeof wanted, &wanted);
  if (error == EINVAL) {
    complaints.push_back(fmt::format("{}; it runs on any", why_not(cpus)));
    return;
  }
  if (error != 0) {
    complaints.push_back(fmt::format("cannot be kept on CPUs {}: {}; it runs on any",
                                     cpu_list_text(cpus), reason(error)));
    return;
  }
  cpu_set_t got;
  if (pthread_getaffinity_np(pthread_self(), sizeof got, &got) != 0) return;
  std::vector<int> missing;
  std::copy_if(cpus.begin(), cpus.end(), std::back_inserter(missing),
               [&](int cpu) { return !CPU_ISSET(static_cast<std::size_t>(cpu), &got); });
  if (!missing.empty())
    complaints.push_back(fmt::format("{}; it runs on the others", why_not(missing)));
}

int native(SchedulingPolicy policy) {
  switch (policy) {
    case SchedulingPolicy::kBatch:
      return SCHED_BATCH;
    case SchedulingPolicy::kFifo:
      return SCHED_FIFO;
    case SchedulingPolicy::kRoundRobin:
      return SCHED_RR;
    case SchedulingPolicy::kOther:
      break;
  }
  return SCHED_OTHER;
}

void schedule(const ThreadConfig& wanted, Complaints& complaints) {
  if (wanted.policy) {
    sched_param parameters{};
    parameters.sched_priority = static_cast<int>(wanted.priority.value_or(0));
    const int error = pthread_setschedparam(pthread_self(), native(*wanted.policy), &parameters);
    if (error != 0) {
      const ThreadConfig refused{.policy = wanted.policy, .priority = wanted.priority};
      complaints.push_back(fmt::format("cannot be scheduled as {}: {}; it stays as it was",
                                       to_text(refused), reason(error)));
    }
  }
  // On Linux a nice value belongs to a thread, whatever POSIX says: 0 means the calling one.
  if (wanted.nice && setpriority(PRIO_PROCESS, 0, static_cast<int>(*wanted.nice)) != 0) {
    complaints.push_back(
        fmt::format("cannot have nice {}: {}; it stays as it was", *wanted.nice, reason(errno)));
  }
}

}  // namespace

std::vector<std::string> place_this_thread(const ThreadConfig& wanted) {
  Complaints complaints;
  if (!wanted.cpus.empty()) move_to(wanted.cpus, complaints);
  schedule(wanted, complaints);
  return complaints;
}

void begin_thread(const std::string& name, const ThreadConfig& placement) {
  pthread_setname_np(pthread_self(), name.c_str());
  if (placement == ThreadConfig{}) return;
  const Complaints complaints = place_this_thread(placement);
  for (const std::string& complaint : complaints) log_warn("thread {}: {}", name, complaint);
  if (complaints.empty()) log_info("thread {}: {}", name, to_text(placement));
}

}  // namespace sluice
