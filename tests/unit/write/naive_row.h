#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace sluice::test {

/// A cell as SQLite holds it, type included.
using Cell = std::variant<std::monostate, std::int64_t, double, std::string>;

/// A row by its columns' names.
using NaiveRow = std::map<std::string, Cell>;

/// `name='Hill' packet_count=3 …`; a real number always shows its point.
[[nodiscard]] std::string to_line(const NaiveRow& row);

/// All rows of a query, types included, through a connection of its own.
[[nodiscard]] std::vector<NaiveRow> read_rows(const std::string& database, const std::string& sql);

}  // namespace sluice::test
