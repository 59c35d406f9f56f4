#pragma once

#include <cstdint>
#include <vector>

#include "app/pipeline.h"
#include "app/receivers.h"

namespace sluice {

/// Looks after journals whose file fails under them: stops the source, so that its broker keeps
/// what comes, and says what is lost. The other sources go on.
///
/// Thread: main.
class JournalFailureWatch {
 public:
  JournalFailureWatch(const Pipeline& pipeline, Receivers& receivers)
      : pipeline_(pipeline), receivers_(receivers) {}

  /// False when no source is left that could receive: a new start makes new journals.
  [[nodiscard]] bool step();

 private:
  struct Told {
    bool failed = false;
    std::uint64_t unreadable = 0;
  };

  const Pipeline& pipeline_;
  Receivers& receivers_;
  std::vector<Told> told_;  // as the pipeline's journals
};

}  // namespace sluice
