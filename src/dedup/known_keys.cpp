#include "dedup/known_keys.h"

#include <utility>

namespace sluice {

bool KnownKeys::sees(std::uint64_t key) {
  if (recent_.count(key) != 0) return true;
  if (older_.erase(key) == 0) return false;
  add(key);
  return true;
}

void KnownKeys::add(std::uint64_t key) {
  recent_.insert(key);
  if (recent_.size() < generation_) return;
  older_ = std::move(recent_);
  recent_ = {};
}

}  // namespace sluice
