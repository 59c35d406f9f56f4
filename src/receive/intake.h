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

  /// For sources whose broker keeps what we don't take. kFull: there is no room, and the message
  /// was not received.
  [[nodiscard]] AppendResult take_if_room(const IncomingMessage& message) noexcept {
    const AppendResult result = journal_.append(message);
    if (result == AppendResult::kFull) {
      ledger_.receive.left_with_broker.add();
      return result;
    }
    count(message);
    settle(result);
    return result;
  }

  /// A message that shall not reach the journal.
  void drop(const IncomingMessage& message, DropReason reason) noexcept {
    count(message);
    ledger_.receive.dropped[static_cast<std::size_t>(reason)].add();
  }

  /// Something arrived that is no message at all.
  void drop(DropReason reason) noexcept {
    ledger_.receive.received.add();
    ledger_.receive.dropped[static_cast<std::size_t>(reason)].add();
  }

  void close() noexcept { journal_.close_input(); }
  /// See Journal.
  [[nodiscard]] bool reader_waits() noexcept { return journal_.reader_waits(); }

  /// The number of the last message that was appended.
  [[nodiscard]] std::uint64_t appended() const noexcept { return journal_.appended(); }
  /// See Journal.
  [[nodiscard]] std::uint64_t durable() const noexcept { return journal_.durable(); }
  void ask_sync() noexcept { journal_.ask_sync(); }
  void acknowledge(std::uint64_t seq) noexcept { journal_.acknowledge(seq); }
  void need_earlier(bool needed) noexcept { journal_.need_earlier(needed); }

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
