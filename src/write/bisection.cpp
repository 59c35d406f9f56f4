#include "write/bisection.h"

#include <iterator>
#include <utility>

#include "store/store_error.h"

namespace sluice {

void Bisection::write(const std::vector<WindowMessage>& messages, WallTime clock_now,
                      WindowOutcome& outcome) {
  // Slots mean what they meant before this window only as long as no message of it is left out:
  // each transmission is looked up by its hash.
  rows_.forget();
  pieces_.assign(1, Piece{.begin = 0, .end = messages.size()});
  while (!pass(messages, clock_now, outcome)) {
  }
  for (Piece& piece : pieces_) {
    if (!piece.refused) continue;
    const WindowMessage& message = messages[piece.begin];
    outcome.sources[message.batch->source()].reject(RejectReason::kDbRejected);
    outcome.refusals.push_back({.message = message, .why = std::move(piece.why)});
  }
}

bool Bisection::pass(const std::vector<WindowMessage>& messages, WallTime clock_now,
                     WindowOutcome& outcome) {
  connection_.rollback();
  connection_.begin_immediate();
  rows_.notice_others();
  outcome.clear();
  for (auto piece = pieces_.begin(); piece != pieces_.end();) {
    auto fault = piece->refused ? std::nullopt : try_piece(messages, *piece, clock_now, outcome);
    if (!fault) {
      ++piece;
      continue;
    }
    if (piece->end - piece->begin == 1) {
      piece->refused = true;
      piece->why = std::move(*fault);
    } else {
      const std::size_t middle = piece->begin + (piece->end - piece->begin) / 2;
      pieces_.insert(std::next(piece), Piece{.begin = middle, .end = piece->end});
      piece->end = middle;
    }
    if (!connection_.in_transaction()) return false;
  }
  return true;
}

std::optional<std::string> Bisection::try_piece(const std::vector<WindowMessage>& messages,
                                                const Piece& piece, WallTime clock_now,
                                                WindowOutcome& outcome) {
  Window window(shape_);
  for (std::size_t i = piece.begin; i < piece.end; ++i)
    window.add(*messages[i].batch, *messages[i].entry);
  WindowOutcome written(shape_.sources);
  connection_.savepoint();
  try {
    rows_.write(window, clock_now, written);
  } catch (const StoreError& error) {
    if (!rows_.is_rows_fault(error)) throw;
    if (connection_.in_transaction()) connection_.rollback_to_savepoint();
    return error.what();
  }
  connection_.release_savepoint();
  outcome.add(written);
  return std::nullopt;
}

}  // namespace sluice
