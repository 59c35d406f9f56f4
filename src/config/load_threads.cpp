#include "config/load_threads.h"

#include <fmt/format.h>

#include "config/cpu_list.h"
#include "config/load_sources.h"

namespace sluice {
namespace {

constexpr std::pair<const char*, SchedulingPolicy> kPolicies[] = {
    {"other", SchedulingPolicy::kOther},
    {"batch", SchedulingPolicy::kBatch},
    {"fifo", SchedulingPolicy::kFifo},
    {"rr", SchedulingPolicy::kRoundRobin},
};

std::vector<int> load_cpus(LoadContext& context, ObjectReader& reader) {
  const std::string text =
      reader.text_or_integers("cpus", "CPU numbers such as \"0-3,6\" or [0, 1]");
  CpuListResult list = parse_cpu_list(text);
  if (!list.valid) {
    context.fail(reader.path_of("cpus"),
                 fmt::format("expected CPU numbers from 0 to {}, such as 0-3,6, found \"{}\"",
                             kLastCpu, text));
  }
  return std::move(list.cpus);
}

std::optional<SchedulingPolicy> load_policy(LoadContext& context, ObjectReader& reader) {
  const std::string written = reader.string("policy");
  if (written.empty()) return std::nullopt;
  for (const auto& [name, policy] : kPolicies)
    if (written == name) return policy;
  context.fail(reader.path_of("policy"),
               fmt::format("expected other, batch, fifo or rr, found \"{}\"", written));
}

/// Each of these would be ignored by the kernel, or refused on every machine.
void refuse_what_does_not_go_together(LoadContext& context, const ObjectReader& reader,
                                      const ThreadConfig& thread) {
  const bool realtime = is_realtime(thread);
  if (realtime && !thread.priority)
    context.fail(reader.path_of("policy"), "fifo and rr need a priority, 1 to 99");
  if (!realtime && thread.priority)
    context.fail(reader.path_of("priority"), "only the policies fifo and rr have a priority");
  if (realtime && thread.nice)
    context.fail(reader.path_of("nice"), "the policies fifo and rr have a priority instead");
}

ThreadConfig load_thread(LoadContext& context, ObjectReader reader) {
  std::vector<Setting>& settings = context.report.settings;
  const std::size_t before = settings.size();
  ThreadConfig thread;
  thread.cpus = load_cpus(context, reader);
  thread.nice = reader.in_range_if_set("nice", -20, 19);
  thread.policy = load_policy(context, reader);
  thread.priority = reader.in_range_if_set("priority", 1, 99);
  refuse_what_does_not_go_together(context, reader, thread);
  note_unknown_keys(context, reader);
  // One row a role: four of them each would bury the rest of the report.
  settings.resize(before);
  const bool in_file = thread != ThreadConfig{};
  settings.push_back(
      {reader.path(), to_text(thread), in_file ? Origin::kFile : Origin::kDefault, ""});
  return thread;
}

std::string_view name_of(SchedulingPolicy policy) {
  for (const auto& [name, known] : kPolicies)
    if (known == policy) return name;
  return "?";
}

}  // namespace

ThreadsConfig load_threads(LoadContext& context, ObjectReader reader) {
  ThreadsConfig threads;
  for (const ThreadRole& role : kThreadRoles)
    threads.*role.thread = load_thread(context, reader.object(role.name));
  note_unknown_keys(context, reader);
  return threads;
}

std::string to_text(const ThreadConfig& thread) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : "; ") + part; };
  if (!thread.cpus.empty()) add(fmt::format("CPUs {}", cpu_list_text(thread.cpus)));
  if (thread.policy) {
    const std::string priority = thread.priority ? fmt::format(" {}", *thread.priority) : "";
    add(fmt::format("{}{}", name_of(*thread.policy), priority));
  }
  if (thread.nice) add(fmt::format("nice {}", *thread.nice));
  return text;
}

}  // namespace sluice
