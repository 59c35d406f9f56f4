#pragma once

#include <cstddef>

#include "base/clock.h"

namespace sluice {

/// One step of the pipeline. A stage starts no thread, sleeps nowhere and has no globals; whoever
/// runs it (a thread of app/, or a test, step by step) calls poll() again and again.
///
/// Thread: bound to the one that polls it.
class Stage {
 public:
  Stage() = default;
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;
  virtual ~Stage() = default;

  /// Handles at most one batch, never takes what it could not pass on, and returns the number of
  /// messages it moved; 0 means that there is nothing to do until news arrives or next_deadline()
  /// passes.
  virtual std::size_t poll() = 0;

  /// True once the input is closed, everything is passed on, and the output has been closed in
  /// turn.
  [[nodiscard]] virtual bool done() const = 0;

  /// When poll() wants to be called again even without news; MonoTime::max() for never.
  [[nodiscard]] virtual MonoTime next_deadline() const { return MonoTime::max(); }
};

}  // namespace sluice
