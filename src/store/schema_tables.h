#pragma once

#include <span>
#include <string>

namespace sluice {

// The tables as data: what a fresh file is made of, and what an existing one is checked against.

struct ColumnSpec {
  const char* name;
  const char* definition;
};

struct TableSpec {
  const char* name;
  std::span<const ColumnSpec> columns;
  const char* constraints;  ///< behind the columns; '' if none
  const char* options;      ///< behind the parenthesis; '' if none
};

struct IndexSpec {
  const char* name;
  const char* definition;  ///< from `ON` on
  bool unique = false;
  bool redundant = false;  ///< another index serves the same queries
  /// Of a unique one: a query for whether rows are in its way.
  const char* has_duplicates = nullptr;
};

/// The tables shared with CoreScope (contract 2.2), referenced ones first.
[[nodiscard]] std::span<const TableSpec> shared_tables() noexcept;

/// Tables of our own, which CoreScope never looks at.
[[nodiscard]] std::span<const TableSpec> private_tables() noexcept;

[[nodiscard]] std::span<const IndexSpec> indexes() noexcept;

/// `CREATE TABLE IF NOT EXISTS ...`
[[nodiscard]] std::string create_statement(const TableSpec& table);
/// `CREATE INDEX IF NOT EXISTS ...`
[[nodiscard]] std::string create_statement(const IndexSpec& index);

/// What to say when the rows that are there do not allow a unique index that is missing.
[[nodiscard]] std::string duplicates_in_the_way(const IndexSpec& index);

}  // namespace sluice
