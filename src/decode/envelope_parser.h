#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "model/envelope.h"

namespace sluice {

/// Filters that hold for every source (contract 1.2). An entry that is empty matches nothing.
///
/// Thread: immutable, shared by all decode workers.
struct EnvelopeRules {
  std::vector<std::string> observer_blacklist;  ///< trimmed and lower-cased
  std::vector<std::string> iata_whitelist;      ///< trimmed and upper-cased; no entry = all pass
  bool client_coverage_enabled = false;         ///< clientRxCoverage.enabled
};

/// What a source's own configuration says of its records (contract 1.3).
///
/// Thread: immutable.
struct SourceRules {
  std::vector<std::string> iata_filter;  ///< exact, case-sensitive; no entry = all pass
  std::string region;                    ///< for topics that name none
};

/// Bytes that must be readable (not: meaningful) behind every payload, because the JSON parser
/// loads whole vector registers.
inline constexpr std::size_t kJsonPadding = 64;

/// Turns one MQTT record into an Envelope: the JSON rules of contract 3.2, the dispatch order of
/// 3.3, the fields of 3.4, 3.5, 3.7 and 3.8, deviations D3, D4, D9, D10 and tx.
///
/// A record is parsed where it lies. What JSON of the wild needs and the fast parser refuses (bytes
/// that are not UTF-8, halves of surrogate pairs, integers beyond 64 bits) is parsed once more from
/// a repaired copy. Memory stays bounded: what a huge record made grow is given back after it.
///
/// Thread: bound(decode), one per worker.
class EnvelopeParser {
 public:
  explicit EnvelopeParser(const EnvelopeRules& rules);  ///< keeps a reference
  ~EnvelopeParser();
  EnvelopeParser(const EnvelopeParser&) = delete;
  EnvelopeParser& operator=(const EnvelopeParser&) = delete;

  /// `payload` must be followed by kJsonPadding readable bytes. Views in the result point into
  /// `topic` or into `arena`, never into `payload` or `source`. Throws std::bad_alloc only.
  [[nodiscard]] Envelope parse(const SourceRules& source, std::string_view topic,
                               std::string_view payload, Arena& arena);

  /// What the parser's memory grows with and is held to, in bytes of record: the longest that fits
  /// without growing, and the room for a repaired copy.
  [[nodiscard]] std::size_t capacity_bytes() const noexcept;

 private:
  struct Json;

  const EnvelopeRules& rules_;
  std::unique_ptr<Json> json_;
};

}  // namespace sluice
