#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "frame_crypto.h"
#include "message_template.h"
#include "packet/content_hash.h"
#include "run_mark.h"

namespace sluice {

/// Makes of a template the message that a round publishes. All copies of one transmission change in
/// the same way, so they stay copies; no two rounds change it alike, so each round is new to the
/// database. Adverts are signed again, by keys that belong to the run; of an encrypted payload the
/// last bytes change, so nobody can open it any more. Paths stay.
///
/// Thread: bound(its user).
class PacketRewriter {
 public:
  /// `span_seconds`: what the capture covers, and so the most by which two adverts of one node are
  /// apart in it.
  PacketRewriter(const RunMark& mark, std::uint32_t span_seconds)
      : mark_(mark), round_seconds_(span_seconds + 1) {}

  /// What a round makes of the template: sets `payload`, returns the new content hash (0 for a
  /// status). `now`: `YYYY-MM-DDTHH:MM:SS`, for the record's own clock.
  std::uint64_t rewrite(const MessageTemplate& message, std::uint32_t round, std::string_view now,
                        std::string& payload);

  /// The hash alone.
  [[nodiscard]] std::uint64_t content_hash(const MessageTemplate& message, std::uint32_t round);

 private:
  using Bytes = std::vector<std::uint8_t>;

  std::uint64_t rewrite_frame(const MessageTemplate& message, std::uint32_t round);
  void sign_advert(std::uint64_t content_hash, std::uint32_t round,
                   std::span<std::uint8_t> payload);
  [[nodiscard]] const Identity& identity_of(std::span<const std::uint8_t> public_key);

  RunMark mark_;
  std::uint32_t round_seconds_;
  ContentHasher hasher_;
  Bytes frame_;
  std::uint32_t adverts_round_ = 0;
  std::unordered_map<std::uint64_t, Bytes> adverts_;      // signed in this round, by recorded hash
  std::unordered_map<std::string, Identity> identities_;  // by recorded key
};

}  // namespace sluice
