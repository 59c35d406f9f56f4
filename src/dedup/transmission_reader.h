#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "packet/frame.h"
#include "packet/geo_filter.h"
#include "packet/payload_decoder.h"

namespace sluice {

/// What becomes of adverts from outside the geo filter (contract 3.9).
struct GeoRule {
  std::optional<GeoFilter> filter;
  bool drop_foreign = false;  ///< refuse them, instead of flagging their nodes
};

/// Finds out, once per transmission, everything that follows from its content and the
/// configuration.
///
/// Thread: bound(dedup).
class TransmissionReader {
 public:
  TransmissionReader(PayloadDecoder decoder, GeoRule geo);

  [[nodiscard]] std::shared_ptr<const TransmissionFacts> read(const Frame& frame);

  [[nodiscard]] std::uint64_t payload_decodes() const noexcept {
    return decoder_.payload_decodes();
  }
  [[nodiscard]] std::uint64_t signature_checks() const noexcept {
    return decoder_.signature_checks();
  }

 private:
  void apply_geo_filter(TransmissionFacts& facts) const;

  PayloadDecoder decoder_;
  GeoRule geo_;
};

}  // namespace sluice
