#include "visibility_watch.h"

#include <algorithm>

namespace sluice {
namespace {

/// Rows per query.
constexpr std::int64_t kChunk = 5000;

}  // namespace

VisibilityWatch::VisibilityWatch(const ReadOnlyDatabase& database, const ObserverRows& observers)
    : observers_(observers),
      newest_(database, "SELECT max(id) FROM observations"),
      new_rows_(database,
                "SELECT id, observer_idx FROM observations WHERE id > ?1 ORDER BY id LIMIT ?2") {}

void VisibilityWatch::begin_step() {
  first_id_ = newest_.step() ? newest_.integer(0) : 0;
  newest_.finish();
  last_id_ = first_id_;
  rows_ = 0;
  last_news_ = 0;
  looks_.clear();
}

void VisibilityWatch::look(double now) {
  const std::int64_t before = last_id_;
  std::int64_t read = kChunk;
  while (read == kChunk) {
    read = 0;
    new_rows_.bind(1, last_id_).bind(2, kChunk);
    while (new_rows_.step()) {
      ++read;
      last_id_ = new_rows_.integer(0);
      if (!observers_.index_of(new_rows_.integer(1))) continue;
      ++rows_;
      last_news_ = now;
    }
    new_rows_.finish();
  }
  if (last_id_ != before) looks_.push_back({now, last_id_});
}

double VisibilityWatch::visible_at(std::int64_t id) const {
  const auto look = std::lower_bound(looks_.begin(), looks_.end(), id,
                                     [](const Look& l, std::int64_t i) { return l.last_id < i; });
  return look != looks_.end() ? look->at : last_news_;
}

}  // namespace sluice
