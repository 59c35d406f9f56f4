#pragma once

#include <string>
#include <utility>
#include <vector>

namespace sluice {

struct PlotSeries {
  std::string name;
  std::vector<std::pair<double, double>> points;  ///< by ascending x; a NaN breaks the line
};

struct Plot {
  std::string title;
  std::string unit;  ///< of y
  std::vector<PlotSeries> series;
  std::vector<double> marks;  ///< where something began
};

/// Where the lines of a grid go: from zero upwards, at round numbers, the last at or above
/// `highest`. Never empty; `highest` that is no positive number counts as 1.
[[nodiscard]] std::vector<double> axis_ticks(double highest, int wanted = 5);

/// 1500 as "1.5k", 0.25 as "0.25".
[[nodiscard]] std::string tick_text(double value);

/// At most `most` points: of each stretch the highest, so that peaks stay.
[[nodiscard]] std::vector<std::pair<double, double>> thin_out(
    const std::vector<std::pair<double, double>>& points, std::size_t most);

/// A drawing and its legend, coloured by the classes s0, s1, …; '' when no series has a point.
/// x is seconds, y begins at zero.
[[nodiscard]] std::string svg_plot(const Plot& plot);

/// `& < > " '` become entities, control characters spaces; the result is valid UTF-8.
[[nodiscard]] std::string html_text(std::string_view text);

}  // namespace sluice
