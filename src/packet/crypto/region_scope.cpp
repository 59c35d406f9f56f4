#include "packet/crypto/region_scope.h"

#include <algorithm>
#include <array>

#include "packet/crypto/key_derivation.h"

namespace sluice {
namespace {

// 0000 and FFFF are reserved on air, so the sender steps aside.
std::uint16_t scope_code(const HmacPads::Digest& digest) noexcept {
  const auto code = static_cast<std::uint16_t>(digest[0] | (digest[1] << 8U));
  if (code == 0x0000) return 0x0001;
  if (code == 0xFFFF) return 0xFFFE;
  return code;
}

}  // namespace

RegionKeys::RegionKeys(const std::vector<std::string>& names) {
  for (const std::string& given : names) {
    const std::string name = with_hash_sign(given);
    const auto same = [&name](const Region& region) { return region.name == name; };
    if (std::any_of(regions_.begin(), regions_.end(), same)) continue;
    regions_.push_back({name, HmacPads(key_from_name(name))});
  }
}

std::optional<std::string_view> RegionKeys::match(const Frame& frame) const noexcept {
  if (!frame.transport_codes) return std::nullopt;
  const auto& codes = *frame.transport_codes;
  const auto wanted = static_cast<std::uint16_t>(codes[0] | (codes[1] << 8U));
  if (wanted == 0) return std::nullopt;
  if (frame.payload.empty()) return "";
  const std::array<std::uint8_t, 1> type = {static_cast<std::uint8_t>(frame.type)};
  for (const Region& region : regions_)
    if (scope_code(region.pads.digest(type, frame.payload)) == wanted) return region.name;
  return "";
}

}  // namespace sluice
