#pragma once

#include <optional>

#include "config/config.h"

namespace sluice {

/// The shape of the geo filter is the configuration's; these are its rules (contract 3.9).
using GeoFilter = GeoFilterConfig;

/// Whether a node at this place passes. One that names no place, or 0,0 exactly, always does, and
/// so does everything when the filter has neither a polygon nor all four bounds.
[[nodiscard]] bool passes_geo_filter(const GeoFilter& filter, std::optional<double> lat,
                                     std::optional<double> lon) noexcept;

/// Even-odd rule; the ring closes itself. Points on its edge may count either way.
[[nodiscard]] bool is_inside_polygon(const std::vector<GeoPoint>& ring, GeoPoint place) noexcept;

/// To the nearest edge of the closed ring, on a plane that is flat around each edge: good for the
/// few tens of kilometres that a buffer has. Infinite for an empty ring.
[[nodiscard]] double distance_to_polygon_km(const std::vector<GeoPoint>& ring,
                                            GeoPoint place) noexcept;

}  // namespace sluice
