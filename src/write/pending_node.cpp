#include "write/pending_node.h"

namespace sluice {

void PendingNode::note_advert(const Packet& copy, WallTime received) {
  const AdvertFacts& advert = *copy.facts->advert;
  if (public_key.empty()) {
    public_key = advert.pubkey;
    first_seen = received;
    last_seen = LatestTime(received);
  }
  ++adverts;
  last_seen.note(received);
  if (!advert.name.empty()) name = advert.name;
  role = advert.role;
  if (advert.lat) lat = advert.lat;
  if (advert.lon) lon = advert.lon;
  if (advert.battery_mv) battery_mv = *advert.battery_mv;
  if (advert.temperature_c) temperature_c = advert.temperature_c;
  if (copy.scope_name && !copy.scope_name->empty()) {
    scope_changed = scope_changed || (default_scope && default_scope != copy.scope_name);
    default_scope = copy.scope_name;
  }
  foreign = foreign || copy.facts->foreign;
}

}  // namespace sluice
