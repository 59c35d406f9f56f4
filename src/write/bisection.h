#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "store/connection.h"
#include "write/window.h"
#include "write/window_outcome.h"
#include "write/window_rows.h"

namespace sluice {

/// The slow path, for a window with a row in it that the database can never take: finds the
/// messages at fault by halves and writes the rest.
///
/// What is cut in halves is the sequence of messages, not the coalesced rows: each piece is
/// coalesced by itself and written behind a savepoint. Since coalescing leaves what single writes
/// would have left, the pieces one after the other leave what the window would have left without
/// the messages at fault. Nobody has to work out which message a row came from or which rows hang
/// on it: a copy whose transmission was refused tries again with a row of its own.
///
/// Thread: bound(write).
class Bisection {
 public:
  Bisection(Connection& connection, WindowRows& rows, const WindowShape& shape)
      : connection_(connection), rows_(rows), shape_(shape) {}

  /// Ends the current transaction and begins one of its own, in which everything is written in the
  /// end but the messages at fault: those are rejected as db_rejected. Row ids are not remembered.
  /// Throws StoreError for everything that is not a row's fault.
  void write(const std::vector<WindowMessage>& messages, WallTime clock_now,
             WindowOutcome& outcome);

 private:
  struct Piece {
    std::size_t begin;
    std::size_t end;
    bool refused = false;  // it is one message, and the culprit
    std::string why = {};
  };

  /// One transaction over all pieces, which get smaller where they fail. False when SQLite has
  /// ended it (a trigger may want that): the next one begins with the pieces as they are now.
  [[nodiscard]] bool pass(const std::vector<WindowMessage>& messages, WallTime clock_now,
                          WindowOutcome& outcome);
  /// Absent when it is written, otherwise what is wrong.
  [[nodiscard]] std::optional<std::string> try_piece(const std::vector<WindowMessage>& messages,
                                                     const Piece& piece, WallTime clock_now,
                                                     WindowOutcome& outcome);

  Connection& connection_;
  WindowRows& rows_;
  const WindowShape shape_;
  std::list<Piece> pieces_;
};

}  // namespace sluice
