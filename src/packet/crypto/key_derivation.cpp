#include "packet/crypto/key_derivation.h"

#include <algorithm>
#include <span>

#include "base/hex.h"
#include "packet/crypto/sha256.h"

namespace sluice {

std::string with_hash_sign(std::string_view name) {
  std::string text(name);
  if (!text.starts_with('#')) text.insert(text.begin(), '#');
  return text;
}

Key16 key_from_name(std::string_view name) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(name.data());
  const Sha256::Digest digest = Sha256().digest({bytes, name.size()});
  Key16 key;
  std::copy_n(digest.begin(), key.size(), key.begin());
  return key;
}

std::string key_hex_from_name(std::string_view name) { return to_lower_hex(key_from_name(name)); }

}  // namespace sluice
