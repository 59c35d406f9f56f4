#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "packet/crypto/hmac_pads.h"
#include "packet/frame.h"

namespace sluice {

/// Finds the region that a packet was scoped to, by trying the configured ones in their order
/// (protocol C5, contract A.6). 16 bits decide, so a foreign region passes for one of ours once in
/// 65,536 / regions packets.
///
/// Thread: immutable after construction, so any.
class RegionKeys {
 public:
  /// A `#` is added to names that lack it; repeated names count once.
  explicit RegionKeys(const std::vector<std::string>& names);

  /// The scope_name to store: nothing when the packet is not scoped, "" when its region is none of
  /// ours, otherwise `#name`. The view lives as long as this object.
  [[nodiscard]] std::optional<std::string_view> match(const Frame& frame) const noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return regions_.size(); }

 private:
  struct Region {
    std::string name;
    HmacPads pads;
  };
  std::vector<Region> regions_;
};

}  // namespace sluice
