#include "packet/geo_filter.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace sluice {
namespace {

constexpr double kKmPerDegree = 111.0;

double distance_to_segment_km(GeoPoint a, GeoPoint b, GeoPoint place) noexcept {
  const double mean_lat = (a.lat + b.lat) / 2 * std::numbers::pi / 180;
  const double km_per_lon = kKmPerDegree * std::cos(mean_lat);
  const double px = (place.lon - a.lon) * km_per_lon;
  const double py = (place.lat - a.lat) * kKmPerDegree;
  const double dx = (b.lon - a.lon) * km_per_lon;
  const double dy = (b.lat - a.lat) * kKmPerDegree;
  const double squared_length = dx * dx + dy * dy;
  if (squared_length == 0) return std::hypot(px, py);
  const double along = std::clamp((px * dx + py * dy) / squared_length, 0.0, 1.0);
  return std::hypot(px - along * dx, py - along * dy);
}

bool is_inside_box(const GeoFilter& filter, double lat, double lon) noexcept {
  return lat >= *filter.lat_min && lat <= *filter.lat_max && lon >= *filter.lon_min &&
         lon <= *filter.lon_max;
}

}  // namespace

bool is_inside_polygon(const std::vector<GeoPoint>& ring, GeoPoint place) noexcept {
  bool inside = false;
  for (std::size_t i = 0, previous = ring.size() - 1; i < ring.size(); previous = i++) {
    const GeoPoint a = ring[i];
    const GeoPoint b = ring[previous];
    if ((a.lat > place.lat) == (b.lat > place.lat)) continue;
    const double crossing = (b.lon - a.lon) * (place.lat - a.lat) / (b.lat - a.lat) + a.lon;
    if (place.lon < crossing) inside = !inside;
  }
  return inside;
}

double distance_to_polygon_km(const std::vector<GeoPoint>& ring, GeoPoint place) noexcept {
  double nearest = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < ring.size(); ++i) {
    const GeoPoint next = ring[(i + 1) % ring.size()];
    nearest = std::min(nearest, distance_to_segment_km(ring[i], next, place));
  }
  return nearest;
}

bool passes_geo_filter(const GeoFilter& filter, std::optional<double> lat,
                       std::optional<double> lon) noexcept {
  constexpr std::size_t kSmallestPolygon = 3;
  if (!lat || !lon || (*lat == 0 && *lon == 0)) return true;
  if (filter.polygon.size() >= kSmallestPolygon) {
    const GeoPoint place{*lat, *lon};
    return is_inside_polygon(filter.polygon, place) ||
           (filter.buffer_km > 0 &&
            distance_to_polygon_km(filter.polygon, place) <= filter.buffer_km);
  }
  const bool has_box = filter.lat_min && filter.lat_max && filter.lon_min && filter.lon_max;
  return !has_box || is_inside_box(filter, *lat, *lon);
}

}  // namespace sluice
