#pragma once

#include "journal/journal.h"
#include "metrics/ledger.h"

namespace sluice {

/// Where a source puts what it receives: its journal, with the ledger kept in the same breath.
///
/// Thread: bound(receive), one per source.
class Intake {
 public:
  Intake(Journal& journal, SourceLedger& ledger) : journal_(journal), ledger_(ledger) {}

  /// For lossy sources. A message that finds no room is dropped and counted; nothing waits.
  void take(const IncomingMessage& message) noexcept {
    count(message);
    settle(journal_.append(message));
  }

  /// For patient sources. False: there is no room, nothing was counted, come again with the same
  /// message.
  [[nodiscard]] bool offer(const IncomingMessage& message) noexcept {
    const AppendResult result = journal_.append(message);
    if (result == AppendResult::kFull) return false;
    count(message);
    settle(result);
    return true;
  }

  /// Something arrived that is no message at all.
  void drop(DropReason reason) noexcept {
    ledger_.receive.received.add();
    ledger_.receive.dropped[static_cast<std::size_t>(reason)].add();
  }

  void close() noexcept { journal_.close_input(); }

 private:
  void count(const IncomingMessage& message) noexcept {
    ledger_.receive.received.add();
    ledger_.receive.received_bytes.add(message.topic.size() + message.payload.size());
  }

  void settle(AppendResult result) noexcept {
    if (result == AppendResult::kFull) {
      ledger_.receive.dropped[static_cast<std::size_t>(DropReason::kJournalFull)].add();
    } else if (result == AppendResult::kTooLarge) {
      ledger_.receive.dropped[static_cast<std::size_t>(DropReason::kOversized)].add();
    }
  }

  Journal& journal_;
  SourceLedger& ledger_;
};

}  // namespace sluice
