#include "app/watched_stages.h"

#include <algorithm>

#include <fmt/format.h>

namespace sluice {
namespace {

// A retry or two is everyday life beside other processes.
constexpr std::int64_t kWorthTellingMs = 2000;
constexpr std::size_t kNoQueue = ~std::size_t{0};

/// Which of Pipeline::queue_depths() a stage reads from; kNoQueue for the journals.
std::size_t input_of(const std::string& stage) {
  if (stage == "feed") return kNoQueue;
  if (stage == "dedup") return 1;
  return stage == "write" ? 2 : 0;
}

std::uint64_t backlog_of(const Pipeline& pipeline) {
  std::uint64_t total = 0;
  for (const Journal& journal : pipeline.journals()) total += journal.backlog();
  return total;
}

bool is_retrying(const Pipeline& pipeline) {
  return pipeline.metrics().write.oldest_waiting_ms.value() > 0;
}

bool any_full(const std::vector<Pipeline::QueueDepth>& queues, std::size_t from) {
  return std::any_of(queues.begin() + static_cast<std::ptrdiff_t>(from), queues.end(),
                     [](const auto& queue) { return queue.depth >= queue.capacity; });
}

/// Messages moved by the stage and by those that take turns with it.
std::uint64_t moved_by(const PipelineThreads& threads, std::size_t input) {
  std::uint64_t moved = 0;
  for (const StageThread& thread : threads.all()) {
    if (input_of(thread.name()) == input) {
      moved += thread.progress().moved.load(std::memory_order_relaxed);
    }
  }
  return moved;
}

StageSigns look(const Pipeline& pipeline, const PipelineThreads& threads,
                const StageThread& thread) {
  const std::size_t input = input_of(thread.name());
  const auto queues = pipeline.queue_depths();
  StageSigns signs;
  signs.ended = thread.finished();
  signs.polls = thread.progress().polls.load(std::memory_order_relaxed);
  signs.inside = thread.progress().inside.load(std::memory_order_relaxed);
  signs.moved = moved_by(threads, input);
  signs.waiting = input == kNoQueue ? backlog_of(pipeline) : queues[input].depth;
  signs.blocked = any_full(queues, input == kNoQueue ? 0 : input + 1) ||
                  (thread.name() == "write" && is_retrying(pipeline));
  return signs;
}

}  // namespace

std::vector<WatchedStage> watched_stages(const Pipeline& pipeline, const PipelineThreads& threads) {
  std::vector<WatchedStage> stages;
  for (const StageThread& thread : threads.all()) {
    stages.push_back({.name = thread.name(),
                      .unit = input_of(thread.name()) == kNoQueue ? "messages" : "batches",
                      .look = [&] { return look(pipeline, threads, thread); }});
  }
  return stages;
}

std::vector<WatchedStage> watched_receivers(const Receivers& receivers) {
  std::vector<WatchedStage> stages;
  for (const MqttSource& source : receivers.sources()) {
    stages.push_back({.name = fmt::format("receive-{}", stages.size()),
                      .unit = "messages",
                      // A look-up of a name may take long, and happens without a connection.
                      .look = [&source] {
                        const MqttStatus& status = source.status();
                        return StageSigns{.inside = status.connected(), .polls = status.turns()};
                      }});
  }
  return stages;
}

WatchedStage watched_helper(const StageThread& thread) {
  return {.name = thread.name(), .unit = "messages", .look = [&thread] {
            const StageProgress& progress = thread.progress();
            return StageSigns{.ended = thread.finished(),
                              .inside = progress.inside.load(std::memory_order_relaxed),
                              .polls = progress.polls.load(std::memory_order_relaxed)};
          }};
}

std::vector<std::string> degradations(const Pipeline& pipeline) {
  std::vector<std::string> reasons;
  const std::int64_t waiting_ms = pipeline.metrics().write.oldest_waiting_ms.value();
  if (waiting_ms >= kWorthTellingMs) {
    reasons.push_back(fmt::format("the database is locked or full since {} s", waiting_ms / 1000));
  }
  return reasons;
}

}  // namespace sluice
