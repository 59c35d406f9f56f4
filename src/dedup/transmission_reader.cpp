#include "dedup/transmission_reader.h"

#include <utility>

namespace sluice {

TransmissionReader::TransmissionReader(PayloadDecoder decoder, GeoRule geo)
    : decoder_(std::move(decoder)), geo_(std::move(geo)) {}

std::shared_ptr<const TransmissionFacts> TransmissionReader::read(const Frame& frame) {
  auto facts = std::make_shared<TransmissionFacts>(decoder_.decode(frame));
  apply_geo_filter(*facts);
  return facts;
}

void TransmissionReader::apply_geo_filter(TransmissionFacts& facts) const {
  // The order of contract 3.4: an advert that is corrupted or badly signed is refused for that.
  if (!geo_.filter || !facts.advert || facts.verdict != RejectReason::kNone) return;
  if (passes_geo_filter(*geo_.filter, facts.advert->lat, facts.advert->lon)) return;
  facts.foreign = true;
  if (geo_.drop_foreign) facts.verdict = RejectReason::kGeoFiltered;
}

}  // namespace sluice
