#include "packet/geo_filter.h"

#include <gtest/gtest.h>

namespace sluice {
namespace {

GeoFilter square() {
  GeoFilter filter;
  filter.polygon = {{50, 10}, {50, 12}, {52, 12}, {52, 10}};
  return filter;
}

GeoFilter box() {
  GeoFilter filter;
  filter.lat_min = 50;
  filter.lat_max = 52;
  filter.lon_min = 10;
  filter.lon_max = 12;
  return filter;
}

TEST(GeoFilter, WithoutAShapeEverythingPasses) {
  EXPECT_TRUE(passes_geo_filter({}, 51.0, 11.0));
  GeoFilter half = box();
  half.lon_max.reset();
  EXPECT_TRUE(passes_geo_filter(half, 0.0, 120.0));
  half.polygon = {{50, 10}, {52, 12}};
  EXPECT_TRUE(passes_geo_filter(half, 0.0, 120.0));
}

TEST(GeoFilter, ANodeWithoutAPlacePasses) {
  EXPECT_TRUE(passes_geo_filter(square(), std::nullopt, 120.0));
  EXPECT_TRUE(passes_geo_filter(square(), -30.0, std::nullopt));
  EXPECT_TRUE(passes_geo_filter(square(), 0.0, 0.0));
  EXPECT_FALSE(passes_geo_filter(square(), 0.0, 0.1));
}

TEST(GeoFilter, ABoxIsInclusive) {
  EXPECT_TRUE(passes_geo_filter(box(), 50.0, 12.0));
  EXPECT_FALSE(passes_geo_filter(box(), 49.999, 11.0));
  EXPECT_FALSE(passes_geo_filter(box(), 51.0, 12.001));
}

TEST(GeoFilter, APolygonComesBeforeTheBox) {
  GeoFilter both = box();
  both.polygon = {{0, 0}, {0, 1}, {1, 1}};
  EXPECT_FALSE(passes_geo_filter(both, 51.0, 11.0));
}

TEST(GeoFilter, InsideAPolygonPasses) {
  EXPECT_TRUE(passes_geo_filter(square(), 51.0, 11.0));
  EXPECT_FALSE(passes_geo_filter(square(), 51.0, 12.5));
}

TEST(GeoFilter, AConcavePolygonHasAnOutsideWithinItsBounds) {
  GeoFilter filter;
  filter.polygon = {{0, 0}, {0, 10}, {10, 10}, {2, 5}, {10, 0}};
  EXPECT_TRUE(passes_geo_filter(filter, 1.0, 5.0));
  EXPECT_FALSE(passes_geo_filter(filter, 8.0, 5.0));
}

TEST(GeoFilter, TheBufferReachesOutwards) {
  GeoFilter filter = square();
  // A tenth of a degree north of the upper edge is 11.1 km.
  EXPECT_FALSE(passes_geo_filter(filter, 52.1, 11.0));
  filter.buffer_km = 11.0;
  EXPECT_FALSE(passes_geo_filter(filter, 52.1, 11.0));
  filter.buffer_km = 11.2;
  EXPECT_TRUE(passes_geo_filter(filter, 52.1, 11.0));
}

TEST(GeoFilter, DistanceShrinksWithTheCosineOfTheLatitude) {
  // East of the eastern edge, whose ends have a mean latitude of 51 degrees.
  EXPECT_NEAR(distance_to_polygon_km(square().polygon, {51, 12.1}), 0.1 * 111 * 0.62932, 1e-3);
}

TEST(GeoFilter, ADegenerateEdgeIsAPoint) {
  EXPECT_NEAR(distance_to_polygon_km({{50, 10}, {50, 10}}, {51, 10}), 111, 1e-9);
}

}  // namespace
}  // namespace sluice
