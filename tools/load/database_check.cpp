#include "database_check.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "message_template.h"
#include "packet/content_hash.h"

namespace sluice {
namespace {

constexpr std::int64_t kChunk = 2000;
/// Looking rows up one by one is for the few that an earlier step may have made.
constexpr std::size_t kMaxLookups = 100'000;

std::uint64_t hash_from_text(std::string_view text) {
  std::uint64_t hash = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), hash, 16);
  return parsed.ec == std::errc{} ? hash : 0;
}

}  // namespace

DatabaseCheck::DatabaseCheck(const ReadOnlyDatabase& database, const ObserverRows& observers)
    : observers_(observers),
      rows_(database,
            "SELECT o.id, t.hash, o.observer_idx, o.path_json FROM observations o "
            "CROSS JOIN transmissions t ON t.id = o.transmission_id "
            "WHERE o.id > ?1 AND o.id <= ?2 ORDER BY o.id LIMIT ?3"),
      one_row_(database,
               "SELECT 1 FROM transmissions t JOIN observations o ON o.transmission_id = t.id "
               "JOIN observers s ON s.rowid = o.observer_idx "
               "WHERE t.hash = ?1 AND s.id = ?2 AND COALESCE(o.path_json, '') = ?3") {}

DatabaseCheckResult DatabaseCheck::compare(
    const std::vector<ExpectedRow>& expected, std::int64_t first_id, std::int64_t last_id,
    const std::function<void(const ExpectedRow&, std::int64_t id)>& on_found,
    const std::function<Identity(const ExpectedRow&)>& describe) {
  DatabaseCheckResult result;
  std::vector<bool> seen(expected.size());
  std::int64_t read = kChunk;
  while (read == kChunk) {
    read = 0;
    rows_.bind(1, first_id).bind(2, last_id).bind(3, kChunk);
    while (rows_.step()) {
      ++read;
      first_id = rows_.integer(0);
      const auto observer = observers_.index_of(rows_.integer(2));
      if (!observer) continue;
      const std::uint64_t key =
          row_key(hash_from_text(rows_.text(1)), *observer, path_hash_of(rows_.text(3)));
      const auto place =
          std::lower_bound(expected.begin(), expected.end(), key,
                           [](const ExpectedRow& row, std::uint64_t k) { return row.key < k; });
      if (place == expected.end() || place->key != key) {
        ++result.unknown;
        continue;
      }
      const auto index = static_cast<std::size_t>(place - expected.begin());
      if (seen[index]) {
        ++result.twice;
        continue;
      }
      seen[index] = true;
      ++result.found;
      on_found(*place, first_id);
    }
    rows_.finish();
  }
  std::size_t lookups = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (seen[i]) continue;
    if (++lookups <= kMaxLookups && exists(describe(expected[i]))) {
      ++result.earlier;
    } else {
      result.missing.push_back(expected[i]);
    }
  }
  return result;
}

bool DatabaseCheck::exists(const Identity& row) {
  char digits[16];
  content_hash_text(row.content_hash, digits);
  one_row_.bind(1, std::string_view(digits, sizeof digits))
      .bind(2, std::string_view(row.observer_id))
      .bind(3, std::string_view(row.path_json));
  const bool found = one_row_.step();
  one_row_.finish();
  return found;
}

std::uint64_t DatabaseCheck::count(std::int64_t first_id, std::int64_t last_id) {
  std::uint64_t count = 0;
  std::int64_t read = kChunk;
  while (read == kChunk) {
    read = 0;
    rows_.bind(1, first_id).bind(2, last_id).bind(3, kChunk);
    while (rows_.step()) {
      ++read;
      first_id = rows_.integer(0);
      if (observers_.index_of(rows_.integer(2))) ++count;
    }
    rows_.finish();
  }
  return count;
}

}  // namespace sluice
