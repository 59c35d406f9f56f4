#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include <simdjson.h>

#include "base/clock.h"
#include "naive_frame.h"
#include "naive_row.h"
#include "support/messages.h"

namespace sluice::test {

/// What must be in the tables: contract 3.3 to 3.7 with the deviations, one message after the
/// other, on plain maps of whole rows. It shares no line of code with the decode stage, dedup or
/// the writer, knows no windows, and is as slow as that. Channels are closed to it, and phones'
/// reports are off.
class NaiveModel {
 public:
  /// Begins with the rows that are in the database.
  NaiveModel(const std::string& database, std::vector<std::string> regions);

  /// `applied`: the clock when the message's transaction runs, which is what "the future" is judged
  /// by; everything else goes by the time of receipt.
  void add(const Message& message, WallTime received, WallTime applied);

  /// Every row of every table, the table's name before it, in the order in which tables_of() tells
  /// them.
  [[nodiscard]] std::vector<std::string> lines() const;

 private:
  using Json = simdjson::dom::object;

  /// The message at hand.
  struct Now {
    WallTime received;
    WallTime applied;
  };

  void status(const std::vector<std::string>& topic, const Json& record, bool retained, Now now);
  void packet(const std::vector<std::string>& topic, const Json& record, std::string raw, Now now);
  void advert(const NaiveFrame& frame, bool new_transmission, Now now);
  void companion(const std::vector<std::string>& topic, const Json& record, Now now);
  NaiveRow& contact(const std::string& id, const std::string& name, const std::string& region,
                    Now now);
  void naive_clock(NaiveRow& observer, std::int64_t skew, Now now);
  /// False: it was there.
  bool transmission(NaiveRow row, Now now);
  void observation(NaiveRow row, Now now);

  const std::vector<std::string> regions_;
  simdjson::dom::parser parser_;
  std::map<std::string, NaiveRow> observers_;
  std::map<std::string, NaiveRow> nodes_;
  std::map<std::string, NaiveRow> inactive_nodes_;
  std::vector<NaiveRow> transmissions_;
  std::map<std::string, std::size_t> place_of_;  // of a transmission, by its hash
  std::vector<NaiveRow> observations_;
  std::map<std::pair<std::string, std::string>, NaiveRow> metrics_;
  std::vector<NaiveRow> dropped_;
};

/// The same of a database. References appear as what they refer to, ids do not.
[[nodiscard]] std::vector<std::string> lines_of(const std::string& database);

}  // namespace sluice::test
