#include "packet_rewriter.h"

#include <algorithm>
#include <cstring>

#include "base/hex.h"
#include "packet/crypto/advert_signature.h"
#include "packet/payload/advert.h"
#include "packet/payload/trace.h"

namespace sluice {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kTimeAt = kKeyBytes;
constexpr std::size_t kSignatureAt = kTimeAt + 4;
constexpr std::size_t kAppDataAt = kSignatureAt + 64;

/// Where a round leaves its number: the tag of a TRACE, whose end is the path; the last bytes of
/// everything else, whose first byte says what it is, unless it is an ACK.
std::span<std::uint8_t> room_for_nonce(PayloadType type, std::span<std::uint8_t> payload) noexcept {
  if (type == PayloadType::kTrace && parse_trace(payload)) return payload.first(8);
  const std::size_t first = type == PayloadType::kAck ? 0 : 1;
  if (payload.size() <= first) return {};
  return payload.last(std::min<std::size_t>(8, payload.size() - first));
}

}  // namespace

std::uint64_t PacketRewriter::rewrite(const MessageTemplate& message, std::uint32_t round,
                                      std::string_view now, std::string& payload) {
  payload.assign(message.payload);
  if (!message.is_packet) return 0;
  const std::uint64_t hash = rewrite_frame(message, round);
  encode_hex(frame_, message.lower_case ? kLowerHexDigits : kUpperHexDigits,
             payload.data() + message.raw_at);
  if (message.hash_at) {
    std::array<std::uint8_t, 8> bytes{};
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      bytes[i] = static_cast<std::uint8_t>(hash >> 8 * (bytes.size() - 1 - i));
    }
    encode_hex(bytes, message.hash_lower_case ? kLowerHexDigits : kUpperHexDigits,
               payload.data() + *message.hash_at);
  }
  if (message.timestamp_at) now.copy(payload.data() + *message.timestamp_at, now.size());
  return hash;
}

std::uint64_t PacketRewriter::content_hash(const MessageTemplate& message, std::uint32_t round) {
  return message.is_packet ? rewrite_frame(message, round) : 0;
}

std::uint64_t PacketRewriter::rewrite_frame(const MessageTemplate& message, std::uint32_t round) {
  frame_ = message.frame;
  Frame frame = parse_frame(frame_).frame;
  const std::span<std::uint8_t> payload = std::span(frame_).last(frame.payload.size());
  if (frame.type == PayloadType::kAdvert && payload.size() >= kAppDataAt) {
    sign_advert(message.content_hash, round, payload);
  } else {
    const auto nonce = mark_.nonce(round);
    const std::span<std::uint8_t> room = room_for_nonce(frame.type, payload);
    const std::size_t skip = nonce.size() - room.size();
    for (std::size_t i = 0; i < room.size(); ++i) room[i] ^= nonce[skip + i];
  }
  return hasher_.hash(frame);
}

void PacketRewriter::sign_advert(std::uint64_t content_hash, std::uint32_t round,
                                 std::span<std::uint8_t> payload) {
  if (round != adverts_round_) adverts_.clear();
  adverts_round_ = round;
  Bytes& known = adverts_[content_hash];
  if (known.size() == payload.size()) {
    std::copy(known.begin(), known.end(), payload.begin());
    return;
  }
  const Identity& identity = identity_of(payload.first(kKeyBytes));
  std::copy(identity.public_key().begin(), identity.public_key().end(), payload.begin());
  // As if the rounds followed one another.
  std::uint32_t time = 0;
  std::memcpy(&time, payload.data() + kTimeAt,
              sizeof time);  // little-endian, as all that we run on
  time += round * round_seconds_;
  std::memcpy(payload.data() + kTimeAt, &time, sizeof time);
  const auto app_data = payload.subspan(kAppDataAt);
  FrameBytes message;
  message.append(payload.first(kSignatureAt));
  message.append(app_data.first(std::min(app_data.size(), kSignedAppDataBytes)));
  FrameBytes signature;
  identity.sign(message.view(), signature);
  std::copy(signature.view().begin(), signature.view().end(), payload.begin() + kSignatureAt);
  known.assign(payload.begin(), payload.end());
}

const Identity& PacketRewriter::identity_of(std::span<const std::uint8_t> public_key) {
  std::string key(public_key.begin(), public_key.end());
  const auto known = identities_.find(key);
  if (known != identities_.end()) return known->second;
  Sha256 sha;
  const std::string prefix = mark_.observer_prefix();
  const Sha256::Digest seed =
      sha.digest({reinterpret_cast<const std::uint8_t*>(prefix.data()), prefix.size()}, public_key);
  return identities_.emplace(std::move(key), Identity(seed)).first->second;
}

}  // namespace sluice
