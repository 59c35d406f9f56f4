#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace sluice::test {

struct Null {
  bool operator==(const Null&) const = default;
};
/// A value as SQLite has it.
using Value = std::variant<Null, std::int64_t, double, std::string>;

/// For failures: SQL's way of writing it, non-printing bytes as `\x…`.
[[nodiscard]] std::string to_text(const Value& value);

/// What a cell is expected to hold.
struct Expected {
  enum class Kind {
    kExact,
    kClockTs,          ///< a moment of the run, `YYYY-MM-DDTHH:MM:SSZ`
    kClockEpoch,       ///< … as seconds
    kClockSql,         ///< … `YYYY-MM-DD HH:MM:SS`
    kClockRounded,     ///< … rounded to 300 s, as kClockTs
    kSubstituted,      ///< the time that was put into a payload; `value` is its `${now…}`
    kCompanionHash,    ///< 16 hex digits that depend on the second
    kWithinOneSecond,  ///< an integer that may be off by one
  };
  Kind kind = Kind::kExact;
  Value value;
};

struct ExpectedTable {
  std::vector<std::string> columns;
  std::vector<std::vector<Expected>> rows;

  /// Throws std::out_of_range.
  [[nodiscard]] std::size_t column(const std::string& name) const;
  [[nodiscard]] Expected& at(std::size_t row, const std::string& column_name) {
    return rows.at(row).at(column(column_name));
  }
};
using ExpectedTables = std::map<std::string, ExpectedTable>;

/// One thing that happens: a message, or an operation.
struct Step {
  enum class Kind { kMessage, kSleep, kSql, kTick, kRetention };
  Kind kind = Kind::kMessage;
  std::string topic;
  std::string payload;  ///< with its `${now…}`
  std::size_t source = 0;
  std::chrono::milliseconds pause{0};
  std::string sql;
};

/// A scenario of tests/data/ingest: what is sent in, and what the tables hold afterwards.
struct Scenario {
  std::string name;
  std::string config_json;
  std::vector<Step> steps;
  ExpectedTables tables;
  std::map<std::string, std::int64_t> stats;
  std::vector<std::string> log;
};

/// Throws std::runtime_error for a file that is no scenario.
[[nodiscard]] Scenario load_scenario(const std::filesystem::path& path);

}  // namespace sluice::test
