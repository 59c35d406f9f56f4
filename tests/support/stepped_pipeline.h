#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/pipeline.h"
#include "support/ledger_expectations.h"
#include "support/manual_clock.h"
#include "support/messages.h"
#include "support/other_connection.h"
#include "support/temp_dir.h"

namespace sluice::test {

/// After so long whatever has arrived is in the writer's window, whether one was open or not: the
/// longest that app/ lets feed wait for company.
inline constexpr std::chrono::milliseconds kPastEveryLinger{100};

/// How a test wants its pipeline.
struct PipelineSpec {
  std::chrono::milliseconds window{1000};
  std::int64_t max_rows = 1000;
  std::size_t sources = 1;
  std::int64_t dedup_transmissions = 1024;
  std::int64_t decode_workers = 1;
  std::function<void(Config&)> tweak = {};  ///< for the rest; may be empty
};

[[nodiscard]] Config make_config(const PipelineSpec& spec, const std::string& db_path);
[[nodiscard]] std::vector<SourceSpec> make_sources(std::size_t count);

/// The whole pipeline without a thread: the test is the source, the scheduler and the clock. It
/// lives on the test's stack; its destructor abandons what is not finished, like a crash.
class SteppedPipeline {
 public:
  explicit SteppedPipeline(const PipelineSpec& spec = {});

  /// A message arrives, now (or with a receive time of its own, which a second network card or a
  /// clock step may bring).
  void receive(const Message& message, std::size_t source = 0,
               std::optional<WallTime> at = std::nullopt);
  [[nodiscard]] bool offer(const Message& message, std::size_t source = 0);

  /// Polls every stage until none has anything to do at this moment of the clock. Returns the
  /// messages moved, summed over the stages.
  std::size_t run();
  /// Turns the clock, then run().
  void advance(std::chrono::microseconds by);
  /// The message arrives and passes feed's linger: it is in the writer's window.
  void take_in(const Message& message, std::size_t source = 0);

  void close_inputs();
  /// Closes the inputs and runs to the end, turning the clock from deadline to deadline; expects
  /// the ledger to balance, and closes the database.
  void finish();

  [[nodiscard]] bool done() const { return pipeline_.seats().back().stage->done(); }
  [[nodiscard]] Stage& stage(const std::string& name);

  [[nodiscard]] ManualClock& clock() noexcept { return clock_; }
  [[nodiscard]] Pipeline& pipeline() noexcept { return pipeline_; }
  [[nodiscard]] const WriteMetrics& write_metrics() const { return pipeline_.metrics().write; }
  [[nodiscard]] const Ledger& ledger() const { return pipeline_.metrics().ledger; }
  [[nodiscard]] const SourceLedger& account(std::size_t source = 0) const {
    return ledger().sources()[source];
  }
  [[nodiscard]] std::string db_path() const { return directory_.file("test.db"); }
  /// The view of another process.
  [[nodiscard]] OtherConnection& other() { return *other_; }

 private:
  TempDir directory_;
  ManualClock clock_;
  Pipeline pipeline_;
  std::vector<Intake> intakes_;
  std::unique_ptr<OtherConnection> other_;
};

}  // namespace sluice::test
