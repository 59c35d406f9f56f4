#include "app/recovery.h"

#include <fmt/format.h>

#include "base/hex.h"
#include "base/log.h"
#include "journal/journal_error.h"
#include "store/position_statements.h"
#include "store/schema.h"

namespace sluice {
namespace {

[[noreturn]] void refuse(const JournalFile& file, const Connection& connection,
                         std::uint64_t records) {
  throw JournalError(fmt::format(
      "journal {} holds {} messages that were received for the database {}, and this is another "
      "one: {}. Start with that database, or add --adopt-journal to write them into this one, or "
      "--discard-journal to throw them away",
      file.path().string(), records, file.identity().database_path, connection.path()));
}

void report(const LeftBehind& left, const std::string& name) {
  log_info("recovered {} messages of {} that were received before the last stop",
           left.range.count(), name);
  if (left.range.missing != 0) {
    log_warn(
        "{}: {} messages before or between them are in no journal any more: the database is older "
        "than the journal, or the power failed",
        name, left.range.missing);
  }
}

}  // namespace

std::vector<LeftBehind> plan_recovery(JournalDirectory& directory, Connection& connection,
                                      ForeignJournals foreign) {
  std::vector<LeftBehind> plan;
  if (directory.found().empty()) return plan;
  const std::string ours = database_uuid(connection);
  PositionStatements positions(connection);
  for (JournalFile& file : directory.found()) {
    const JournalIdentity& identity = file.identity();
    const std::uint64_t committed = positions.find(to_lower_hex(identity.uuid)).value_or(0);
    LeftBehind left{.file = &file, .range = find_uncommitted(file, committed)};
    left.to_feed = left.range.count() != 0;
    // A start that ended before it had opened any database is nobody else's.
    const bool others = !identity.database_uuid.empty() && identity.database_uuid != ours;
    if (left.to_feed && others) {
      if (foreign == ForeignJournals::kRefuse) refuse(file, connection, left.range.count());
      if (foreign == ForeignJournals::kDiscard) {
        log_warn("journal {}: {} messages are thrown away, as asked", file.path().string(),
                 left.range.count());
        left.to_feed = false;
      }
    }
    if (left.to_feed) report(left, identity.source);
    plan.push_back(left);
  }
  return plan;
}

std::vector<UnacknowledgedMessage> received_before(JournalDirectory& directory,
                                                   std::string_view source) {
  std::vector<UnacknowledgedMessage> messages;
  for (JournalFile& file : directory.found()) {
    if (file.identity().source != source) continue;
    const std::size_t before = messages.size();
    // Each of them is committed, or will be fed.
    for_each_record(file, [&](const JournalRecord& record) {
      const IncomingMessage& message = record.message;
      if (message.qos == 0) return;
      messages.push_back({.packet_id = message.message_id,
                          .hash = delivery_hash(message.topic, message.payload),
                          .seq = 0});
    });
    // They count as durable from now on, and so they have to be.
    if (messages.size() != before) file.sync();
  }
  return messages;
}

}  // namespace sluice
