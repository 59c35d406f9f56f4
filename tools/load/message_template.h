#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "decode/envelope_parser.h"
#include "packet/content_hash.h"
#include "packet/frame.h"
#include "packet/payload_decoder.h"
#include "receive/capture_format.h"

namespace sluice {

/// One message of the capture, cut so that it can be published again as a new one.
///
/// Thread: immutable once made.
struct MessageTemplate {
  std::string topic;  ///< with the observer's alias
  std::string payload;
  std::uint32_t observer = 0;  ///< index in the run's observers
  std::uint8_t qos = 0;

  bool is_packet = false;  ///< otherwise a status, and what follows is empty
  std::vector<std::uint8_t> frame;
  std::uint64_t content_hash = 0;      ///< of the frame as recorded
  std::string path_json;               ///< as the tables hold it; rewriting leaves it alone
  std::uint64_t path_hash = 0;         ///< of that text
  std::size_t raw_at = 0;              ///< where its digits stand in the payload
  bool lower_case = false;             ///< those digits
  std::optional<std::size_t> hash_at;  ///< the record's own content hash, if it gives one
  bool hash_lower_case = false;
  std::optional<std::size_t> timestamp_at;  ///< `YYYY-MM-DDTHH:MM:SS` within the payload
};

/// Of a path's text, for telling rows apart.
[[nodiscard]] std::uint64_t path_hash_of(std::string_view path_json) noexcept;

/// Makes templates of what an ingestor would store: packets with a frame that is one, adverts that
/// are signed well, statuses. Everything else is left out, so that each message that goes missing
/// is a loss.
///
/// Thread: bound(its user).
class TemplateMaker {
 public:
  TemplateMaker();

  /// Nothing when the message would not be stored or can't be rewritten. `observer_id` gets the
  /// name it was recorded under; topic and observer are still the recorded ones.
  [[nodiscard]] std::optional<MessageTemplate> make(const CaptureRecord& record,
                                                    std::string& observer_id);

 private:
  [[nodiscard]] bool add_packet(const PacketReport& report, MessageTemplate& message);

  EnvelopeRules rules_;
  SourceRules source_;
  EnvelopeParser parser_;
  PayloadDecoder decoder_;
  ContentHasher hasher_;
  std::string padded_;
};

}  // namespace sluice
