#include "app/recovery.h"

#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "base/hex.h"
#include "base/log.h"
#include "journal/journal_error.h"
#include "store/journal_place.h"
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

/// How many messages wait in the file, as far as this database knows.
std::uint64_t waiting_in(const std::filesystem::path& path, PositionStatements& positions) {
  try {
    const JournalFile file = JournalFile::open(path);
    const std::string uuid = to_lower_hex(file.identity().uuid);
    return find_uncommitted(file, positions.find(uuid).value_or(0)).count();
  } catch (const JournalDamaged&) {
    return 0;
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
    if (file.failed()) {
      log_warn("journal {}: parts of it cannot be read; what they held is lost",
               file.path().string());
    }
    left.to_feed = left.range.count() != 0;
    // A start that ended before it had opened any database is nobody else's.
    const bool others = !identity.database_uuid.empty() && identity.database_uuid != ours;
    if (left.to_feed && others) {
      if (foreign == ForeignJournals::kRefuse) refuse(file, connection, left.range.count());
      if (foreign == ForeignJournals::kDiscard) {
        log_warn("journal {}: {} messages are thrown away, as asked", file.path().string(),
                 left.range.count());
        left.to_feed = false;
        left.discarded = true;
      }
    }
    plan.push_back(std::move(left));
  }
  return plan;
}

void report(const LeftBehind& left) {
  const std::string& name = left.file->identity().source;
  log_info("recovered {} messages of {} that were received before the last stop",
           left.range.count(), name);
  if (left.range.missing != 0) {
    log_warn(
        "{}: {} messages before or between them are in no journal any more: the database is older "
        "than the journal, or the power failed",
        name, left.range.missing);
  }
}

void require_no_backlog_elsewhere(Connection& connection, const std::string& place,
                                  const std::string& usual) {
  const std::string former = remembered_journal_place(connection).value_or(usual);
  std::error_code error;
  if (former == place || std::filesystem::equivalent(former, place, error)) return;
  PositionStatements positions(connection);
  for (const auto& entry : std::filesystem::directory_iterator(former, error)) {
    if (entry.path().extension() != ".journal") continue;
    const std::uint64_t waiting = waiting_in(entry.path(), positions);
    if (waiting == 0) continue;
    throw JournalError(fmt::format(
        "journal {} holds {} messages that were not written yet, and the journals are now in {}: "
        "start once with sluice.journal.dir set to {}, or remove the file",
        entry.path().string(), waiting, place, former));
  }
}

void settle_positions(Connection& connection, const std::string& place,
                      const std::vector<std::string>& journals) {
  std::vector<std::string> stale;
  const bool known = remembered_journal_place(connection) == place;
  // Those of another place may still have their files, wherever that is.
  if (known) stale = journals_with_position(connection);
  for (const std::string& journal : journals) std::erase(stale, journal);
  if (known && stale.empty()) return;
  PositionStatements positions(connection);
  connection.begin_immediate();
  try {
    remember_journal_place(connection, place);
    for (const std::string& journal : stale) positions.erase(journal);
    connection.commit();
  } catch (...) {
    connection.rollback();
    throw;
  }
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
