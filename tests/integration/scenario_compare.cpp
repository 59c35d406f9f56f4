#include "scenario_compare.h"

#include <algorithm>
#include <cctype>
#include <optional>

#include <fmt/format.h>

#include "base/timestamp_text.h"
#include "store/column_text.h"

namespace sluice::test {
namespace {

using std::chrono::seconds;
using Kind = Expected::Kind;

constexpr seconds kClockTolerance{1};
constexpr std::int64_t kSampleSeconds = 300;

bool is_hex_hash(const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text != nullptr && text->size() == 16 &&
         text->find_first_not_of("0123456789abcdef") == std::string::npos;
}

bool is_text_between(const Value& value, std::string_view low, std::string_view high) {
  const auto* text = std::get_if<std::string>(&value);
  return text != nullptr && text->size() == low.size() && *text >= low && *text <= high;
}

WallTime rounded(WallTime time) {
  const std::int64_t shifted = epoch_seconds(time) + kSampleSeconds / 2;
  return WallTime(seconds(shifted / kSampleSeconds * kSampleSeconds));
}

bool matches(const Expected& expected, const Value& actual, const Outcome& outcome) {
  const WallTime low = outcome.began - kClockTolerance;
  const WallTime high = outcome.ended + kClockTolerance;
  const auto* integer = std::get_if<std::int64_t>(&actual);
  switch (expected.kind) {
    case Kind::kExact:
      return actual == expected.value;
    case Kind::kClockTs:
      return is_text_between(actual, TimestampText(low).view(), TimestampText(high).view());
    case Kind::kClockEpoch:
      return integer != nullptr && *integer >= epoch_seconds(low) &&
             *integer <= epoch_seconds(high);
    case Kind::kClockSql:
      return is_text_between(actual, SqlTimestampText(low).view(), SqlTimestampText(high).view());
    case Kind::kClockRounded:
      return is_text_between(actual, TimestampText(rounded(low)).view(),
                             TimestampText(rounded(high)).view());
    case Kind::kSubstituted:
      return actual == Value(outcome.times.substituted(std::get<std::string>(expected.value)));
    case Kind::kCompanionHash:
      return is_hex_hash(actual);
    case Kind::kWithinOneSecond:
      return integer != nullptr && std::abs(*integer - std::get<std::int64_t>(expected.value)) <= 1;
  }
  return false;
}

/// The place, from 1, of the row that has this id; nothing when there is none.
std::optional<std::int64_t> place_of(const Value& id, const ActualRows& rows, std::size_t column) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i][column] == id) return static_cast<std::int64_t>(i) + 1;
  }
  return std::nullopt;
}

/// A reference as the place of what it refers to; NULL, and what refers to nothing, as it is.
Value as_place(const Value& reference, const ActualRows& rows, std::size_t column) {
  if (std::holds_alternative<Null>(reference)) return reference;
  const auto place = place_of(reference, rows, column);
  return place ? Value(*place) : Value("nothing has id " + to_text(reference));
}

ActualRows ids_of_expected(const ExpectedTable& table) {
  ActualRows ids;
  const std::size_t column = table.column("id");
  for (const auto& row : table.rows) ids.push_back({row[column].value});
  return ids;
}

bool ids_ascend(const ActualRows& rows, std::size_t column) {
  return std::is_sorted(rows.begin(), rows.end(), [&](const auto& a, const auto& b) {
    return std::get<std::int64_t>(a[column]) < std::get<std::int64_t>(b[column]);
  });
}

/// Both sides with places for ids.
class Places {
 public:
  Places(const std::string& name, const ExpectedTable& expected, const ExpectedTables& all_expected,
         const Outcome& outcome)
      : own_ids_(name != "observers"), expected_(expected), outcome_(outcome) {
    if (all_expected.contains("transmissions")) {
      const ExpectedTable& transmissions = all_expected.at("transmissions");
      expected_transmissions_ = ids_of_expected(transmissions);
      transmission_id_ = transmissions.column("id");
    }
  }

  [[nodiscard]] bool is_own_id(const std::string& column) const {
    return own_ids_ && column == "id";
  }

  [[nodiscard]] Expected expected(std::size_t row, std::size_t column) const {
    const std::string& name = expected_.columns[column];
    const Expected& cell = expected_.rows[row][column];
    if (is_own_id(name)) return {Kind::kExact, static_cast<std::int64_t>(row) + 1};
    if (name != "transmission_id") return cell;
    return {Kind::kExact, as_place(cell.value, expected_transmissions_, 0)};
  }

  [[nodiscard]] Value actual(const Value& cell, std::size_t row, std::size_t column) const {
    const std::string& name = expected_.columns[column];
    if (is_own_id(name)) return static_cast<std::int64_t>(row) + 1;
    if (name == "observer_idx") return as_place(cell, outcome_.observer_rowids, 0);
    if (name != "transmission_id") return cell;
    return as_place(cell, outcome_.tables.at("transmissions"), transmission_id_);
  }

 private:
  const bool own_ids_;
  const ExpectedTable& expected_;
  const Outcome& outcome_;
  ActualRows expected_transmissions_;
  std::size_t transmission_id_ = 0;
};

}  // namespace

std::vector<std::string> differences(const std::string& name, const ExpectedTable& expected,
                                     const ExpectedTables& all_expected, const Outcome& outcome) {
  std::vector<std::string> found;
  const ActualRows& actual = outcome.tables.at(name);
  if (expected.rows.size() != actual.size()) {
    found.push_back(
        fmt::format("{}: {} rows instead of {}", name, actual.size(), expected.rows.size()));
  }
  const Places places(name, expected, all_expected, outcome);
  for (std::size_t column = 0; column < expected.columns.size(); ++column) {
    if (places.is_own_id(expected.columns[column]) && !ids_ascend(actual, column)) {
      found.push_back(name + ": ids do not ascend");
    }
  }
  for (std::size_t row = 0; row < std::min(expected.rows.size(), actual.size()); ++row) {
    for (std::size_t column = 0; column < expected.columns.size(); ++column) {
      const Expected wanted = places.expected(row, column);
      const Value got = places.actual(actual[row][column], row, column);
      if (matches(wanted, got, outcome)) continue;
      found.push_back(fmt::format("{}[{}].{}: {} instead of {}", name, row,
                                  expected.columns[column], to_text(got), to_text(wanted.value)));
    }
  }
  return found;
}

}  // namespace sluice::test
