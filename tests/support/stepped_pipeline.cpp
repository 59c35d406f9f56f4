#include "support/stepped_pipeline.h"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

namespace sluice::test {
namespace {

using namespace std::chrono_literals;

constexpr int kMostTurnsOfTheClock = 5000;  // a pipeline that needs more than this is stuck

}  // namespace

Config make_config(const PipelineSpec& spec, const std::string& db_path) {
  Config config;
  config.db_path = db_path;
  config.window.group_commit = spec.window;
  config.window.group_commit_max_rows = spec.max_rows;
  config.sluice.dedup_transmissions = spec.dedup_transmissions;
  config.sluice.decode_workers = spec.decode_workers;
  if (spec.tweak) spec.tweak(config);
  return config;
}

std::vector<SourceSpec> make_sources(std::size_t count) {
  std::vector<SourceSpec> sources;
  for (std::size_t i = 0; i < count; ++i) {
    sources.push_back({.name = fmt::format("source-{}", i), .rules = {}});
  }
  return sources;
}

SteppedPipeline::SteppedPipeline(const PipelineSpec& spec)
    : pipeline_(make_config(spec, directory_.file("test.db")), make_sources(spec.sources), clock_) {
  for (std::size_t i = 0; i < spec.sources; ++i) intakes_.push_back(pipeline_.intake(i));
  pipeline_.open_store();
  other_ = std::make_unique<OtherConnection>(db_path());
}

void SteppedPipeline::receive(const Message& message, std::size_t source,
                              std::optional<WallTime> at) {
  intakes_[source].take({.received = at.value_or(clock_.wall()),
                         .topic = message.topic,
                         .payload = message.payload,
                         .retained = message.retained});
}

bool SteppedPipeline::offer(const Message& message, std::size_t source) {
  return intakes_[source].offer({.received = clock_.wall(),
                                 .topic = message.topic,
                                 .payload = message.payload,
                                 .retained = message.retained});
}

std::size_t SteppedPipeline::run() {
  std::size_t total = 0;
  for (;;) {
    std::size_t moved = 0;
    std::size_t ended = 0;
    for (const Pipeline::Seat& seat : pipeline_.seats()) {
      const bool was_done = seat.stage->done();
      moved += seat.stage->poll();
      if (!was_done && seat.stage->done()) ++ended;
    }
    if (moved == 0 && ended == 0) return total;
    total += moved;
  }
}

void SteppedPipeline::advance(std::chrono::microseconds by) {
  clock_.advance(by);
  run();
}

void SteppedPipeline::take_in(const Message& message, std::size_t source) {
  receive(message, source);
  run();
  advance(kPastEveryLinger);
}

void SteppedPipeline::close_inputs() {
  for (Intake& intake : intakes_) intake.close();
}

void SteppedPipeline::finish() {
  close_inputs();
  run();
  for (int turn = 0; !done(); ++turn) {
    if (turn == kMostTurnsOfTheClock) throw std::runtime_error("the pipeline does not end");
    MonoTime next = MonoTime::max();
    for (const Pipeline::Seat& seat : pipeline_.seats()) {
      if (!seat.stage->done()) next = std::min(next, seat.stage->next_deadline());
    }
    if (next == MonoTime::max()) throw std::runtime_error("the pipeline waits for nothing");
    if (next > clock_.mono()) {
      clock_.advance(std::chrono::ceil<std::chrono::microseconds>(next - clock_.mono()));
    }
    run();
  }
  ExpectLedgerAtRest(ledger());
  pipeline_.close_store();
}

Stage& SteppedPipeline::stage(const std::string& name) {
  for (const Pipeline::Seat& seat : pipeline_.seats()) {
    if (seat.name == name) return *seat.stage;
  }
  throw std::runtime_error("no stage " + name);
}

}  // namespace sluice::test
