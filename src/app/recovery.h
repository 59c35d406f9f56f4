#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "journal/journal_directory.h"
#include "journal/recovery.h"
#include "receive/redelivery.h"
#include "store/connection.h"

namespace sluice {

/// What to do with a journal whose records were received for another database.
enum class ForeignJournals : std::uint8_t {
  kRefuse,   ///< end with an error that names both
  kAdopt,    ///< write what it holds into this database
  kDiscard,  ///< throw it away
};

/// What is left of an earlier start.
struct LeftBehind {
  JournalFile* file;  ///< in the directory's list
  RecoveredRange range;
  bool to_feed = false;    ///< otherwise everything in it is committed, or
  bool discarded = false;  ///< nobody wants it
};

/// Looks at each journal that earlier starts have left, oldest first, and says what is to be done
/// with it; changes nothing. Throws StoreError, and JournalError for a backlog that belongs to
/// another database.
[[nodiscard]] std::vector<LeftBehind> plan_recovery(JournalDirectory& directory,
                                                    Connection& connection,
                                                    ForeignJournals foreign);

/// Says what will be fed of it.
void report(const LeftBehind& left);

/// Refuses to begin while messages wait where this database's journals used to be: nobody would
/// ever write them, and nobody say so. `place`: where they are now; `usual`: where they have been
/// if the database remembers no place. Throws JournalError, StoreError.
void require_no_backlog_elsewhere(Connection& connection, const std::string& place,
                                  const std::string& usual);

/// After the plan: remembers where the journals are, and forgets all positions but those of
/// `journals`, the ones that have their file; a process that died between removing a file and
/// forgetting its position leaves one. Throws StoreError, having changed nothing.
void settle_positions(Connection& connection, const std::string& place,
                      const std::vector<std::string>& journals);

/// The QoS 1 messages that earlier starts have received from this source, in order, as far as their
/// journals still hold them: the broker may send any of them again. They are on disk when this
/// returns. Throws std::system_error.
[[nodiscard]] std::vector<UnacknowledgedMessage> received_before(JournalDirectory& directory,
                                                                 std::string_view source);

}  // namespace sluice
