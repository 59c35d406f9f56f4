#include "observer_rows.h"

#include <utility>

namespace sluice {

ObserverRows::ObserverRows(const ReadOnlyDatabase& database,
                           const std::vector<LoadObserver>& observers, std::string prefix)
    : from_(std::move(prefix)),
      to_(from_ + "~"),  // behind all hex digits
      rows_(database, "SELECT rowid, id FROM observers WHERE id >= ?1 AND id < ?2"),
      counted_(database, "SELECT sum(packet_count) FROM observers WHERE id >= ?1 AND id < ?2") {
  for (std::uint32_t i = 0; i < observers.size(); ++i) index_by_id_.emplace(observers[i].id, i);
}

std::size_t ObserverRows::refresh() {
  rows_.bind(1, from_).bind(2, to_);
  while (rows_.step()) {
    const auto known = index_by_id_.find(std::string(rows_.text(1)));
    if (known != index_by_id_.end()) index_by_row_[rows_.integer(0)] = known->second;
  }
  rows_.finish();
  return index_by_row_.size();
}

std::vector<bool> ObserverRows::missing() const {
  std::vector<bool> missing(index_by_id_.size(), true);
  for (const auto& [rowid, index] : index_by_row_) missing[index] = false;
  return missing;
}

std::optional<std::uint32_t> ObserverRows::index_of(std::int64_t rowid) const {
  const auto known = index_by_row_.find(rowid);
  return known != index_by_row_.end() ? std::optional(known->second) : std::nullopt;
}

std::uint64_t ObserverRows::messages_counted() {
  counted_.bind(1, from_).bind(2, to_);
  const std::uint64_t sum =
      counted_.step() ? static_cast<std::uint64_t>(counted_.integer(0)) : std::uint64_t{0};
  counted_.finish();
  return sum;
}

}  // namespace sluice
