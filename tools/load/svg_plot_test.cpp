#include "svg_plot.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr double kNan = NAN;

TEST(AxisTicks, StandAtRoundNumbers) {
  EXPECT_THAT(axis_ticks(10), ElementsAre(0, 2, 4, 6, 8, 10));
  EXPECT_THAT(axis_ticks(64'000, 4), ElementsAre(0, 20'000, 40'000, 60'000, 80'000));
  EXPECT_THAT(axis_ticks(1, 4), ElementsAre(0, 0.25, 0.5, 0.75, 1));
}

TEST(AxisTicks, CoverTheHighestValueAndAreFew) {
  for (double highest = 1e-6; highest < 1e9; highest *= 1.37) {
    const std::vector<double> ticks = axis_ticks(highest);
    EXPECT_EQ(ticks.front(), 0);
    EXPECT_GE(ticks.back(), highest * 0.9999);
    EXPECT_LE(ticks.size(), 7U) << highest;
    EXPECT_GE(ticks.size(), 3U) << highest;
  }
}

TEST(AxisTicks, ExistForValuesThatAreNone) {
  for (const double highest : {0.0, -5.0, kNan, static_cast<double>(INFINITY)}) {
    EXPECT_EQ(axis_ticks(highest).back(), 1);
  }
}

TEST(TickText, IsShort) {
  EXPECT_EQ(tick_text(0), "0");
  EXPECT_EQ(tick_text(0.25), "0.25");
  EXPECT_EQ(tick_text(1500), "1.5k");
  EXPECT_EQ(tick_text(2'500'000), "2.5M");
}

TEST(ThinOut, KeepsThePeaks) {
  std::vector<std::pair<double, double>> points;
  points.reserve(1000);
  for (int i = 0; i < 1000; ++i) points.emplace_back(i, i == 777 ? 50 : 1);
  const auto thin = thin_out(points, 100);
  EXPECT_LE(thin.size(), 100U);
  EXPECT_THAT(thin, testing::Contains(std::pair<double, double>(777, 50)));
}

TEST(ThinOut, LeavesFewPointsAlone) {
  const std::vector<std::pair<double, double>> points = {{0, 1}, {1, kNan}, {2, 3}};
  EXPECT_EQ(thin_out(points, 3).size(), 3U);
}

TEST(SvgPlot, PlacesTheEndsAtTheEdges) {
  const std::string svg = svg_plot({"T", "u", {{"a", {{0, 0}, {10, 100}}}}, {}});
  EXPECT_THAT(svg, HasSubstr("M52.0 186.0h0.1L710.0 10.0"));
}

TEST(SvgPlot, BreaksTheLineWhereNothingIsKnown) {
  const std::string svg = svg_plot({"T", "u", {{"a", {{0, 1}, {5, kNan}, {10, 1}}}}, {}});
  EXPECT_THAT(svg, HasSubstr("M52.0 10.0h0.1M710.0 10.0h0.1"));
}

TEST(SvgPlot, IsNothingWithoutPoints) {
  EXPECT_EQ(svg_plot({"T", "u", {{"a", {}}, {"b", {{1, kNan}}}}, {}}), "");
}

TEST(SvgPlot, EscapesWhatItIsTold) {
  const std::string svg = svg_plot({"<T>", "&", {{"\"a'<", {{0, 1}}}}, {}});
  EXPECT_THAT(svg, HasSubstr("&lt;T&gt;"));
  EXPECT_THAT(svg, HasSubstr("&quot;a&#39;&lt;"));
  EXPECT_THAT(svg, Not(HasSubstr("<T>")));
}

TEST(HtmlText, IsValidUtf8) { EXPECT_EQ(html_text("\xC3\xA4\xFF"), "\xC3\xA4\xEF\xBF\xBD"); }

TEST(HtmlText, LeavesNoControlCharacters) {
  EXPECT_EQ(html_text(std::string_view("a\x01"
                                       "b\nc\x7F",
                                       6)),
            "a b c ");
}

}  // namespace
}  // namespace sluice
