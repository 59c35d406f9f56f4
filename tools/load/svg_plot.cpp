#include "svg_plot.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/utf8.h"

namespace sluice {
namespace {

// The drawing's own units; it scales with the page.
constexpr double kWidth = 720;
constexpr double kHeight = 210;
constexpr double kLeft = 52;
constexpr double kRight = 10;
constexpr double kTop = 10;
constexpr double kBottom = 24;
constexpr std::size_t kMaxPoints = 600;
constexpr std::size_t kColours = 8;

bool is_finite_point(const std::pair<double, double>& point) {
  return std::isfinite(point.first) && std::isfinite(point.second);
}

/// Places values on the drawing.
///
/// Thread: immutable.
class Scale {
 public:
  Scale(double first, double last, double highest)
      : first_(first), span_(std::max(last - first, 1e-9)), highest_(highest) {}
  [[nodiscard]] double x(double value) const {
    return kLeft + (value - first_) / span_ * (kWidth - kLeft - kRight);
  }
  [[nodiscard]] double y(double value) const {
    return kHeight - kBottom - value / highest_ * (kHeight - kTop - kBottom);
  }

 private:
  double first_;
  double span_;
  double highest_;
};

struct Extent {
  double first = INFINITY;
  double last = -INFINITY;
  double highest = 0;
};

Extent extent_of(const Plot& plot) {
  Extent extent;
  for (const PlotSeries& series : plot.series) {
    for (const auto& point : series.points) {
      if (!is_finite_point(point)) continue;
      extent.first = std::min(extent.first, point.first);
      extent.last = std::max(extent.last, point.first);
      extent.highest = std::max(extent.highest, point.second);
    }
  }
  return extent;
}

void add_grid(const Plot& plot, const Extent& extent, const std::vector<double>& ticks,
              const Scale& scale, std::string& svg) {
  for (const double tick : ticks) {
    svg += fmt::format(R"(<line class="grid" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}"/>)"
                       R"(<text class="tick" x="{:.1f}" y="{:.1f}" text-anchor="end">{}</text>)",
                       kLeft, scale.y(tick), kWidth - kRight, scale.y(tick), kLeft - 6,
                       scale.y(tick) + 4, tick_text(tick));
  }
  for (const double second : axis_ticks(extent.last - extent.first, 8)) {
    const double at = extent.first + second;
    if (at > extent.last) break;
    svg +=
        fmt::format(R"(<text class="tick" x="{:.1f}" y="{:.1f}" text-anchor="middle">{} s</text>)",
                    scale.x(at), kHeight - 6, tick_text(second));
  }
  for (const double mark : plot.marks) {
    if (mark < extent.first || mark > extent.last) continue;
    svg +=
        fmt::format(R"(<line class="mark" x1="{0:.1f}" y1="{1:.1f}" x2="{0:.1f}" y2="{2:.1f}"/>)",
                    scale.x(mark), kTop, kHeight - kBottom);
  }
}

void add_line(const PlotSeries& series, std::size_t colour, const Scale& scale, std::string& svg) {
  std::string path;
  bool open = false;
  for (const auto& point : thin_out(series.points, kMaxPoints)) {
    if (!is_finite_point(point)) {
      open = false;
      continue;
    }
    path += fmt::format("{}{:.1f} {:.1f}", open ? 'L' : 'M', scale.x(point.first),
                        scale.y(point.second));
    if (!open) path += "h0.1";  // a point alone shows too
    open = true;
  }
  if (path.empty()) return;
  svg += fmt::format(R"(<path class="line s{}" d="{}"/>)", colour % kColours, path);
}

void append_html_char(std::string_view c, std::string& out) {
  switch (c.front()) {
    case '&':
      out += "&amp;";
      break;
    case '<':
      out += "&lt;";
      break;
    case '>':
      out += "&gt;";
      break;
    case '"':
      out += "&quot;";
      break;
    case '\'':
      out += "&#39;";
      break;
    default:
      out += c;
  }
}

}  // namespace

std::vector<double> axis_ticks(double highest, int wanted) {
  if (!(std::isfinite(highest) && highest > 0)) highest = 1;
  const double rough = highest / wanted;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double factor : {1.0, 2.0, 2.5, 5.0}) {
    if (factor * power >= rough * 0.999) {
      step = factor * power;
      break;
    }
  }
  std::vector<double> ticks;
  const auto count = static_cast<int>(std::ceil(highest / step - 1e-6));
  for (int i = 0; i <= count; ++i) ticks.push_back(i * step);
  return ticks;
}

std::string tick_text(double value) {
  if (value >= 1e6) return fmt::format("{:.4g}M", value / 1e6);
  if (value >= 1000) return fmt::format("{:.4g}k", value / 1000);
  return fmt::format("{:.4g}", value);
}

std::vector<std::pair<double, double>> thin_out(
    const std::vector<std::pair<double, double>>& points, std::size_t most) {
  if (points.size() <= most) return points;
  std::vector<std::pair<double, double>> thin;
  const std::size_t stretch = (points.size() + most - 1) / most;
  for (std::size_t begin = 0; begin < points.size(); begin += stretch) {
    const std::size_t end = std::min(begin + stretch, points.size());
    auto best = points[begin];
    for (std::size_t i = begin + 1; i < end; ++i) {
      if (!is_finite_point(best) || points[i].second > best.second) best = points[i];
    }
    thin.push_back(best);
  }
  return thin;
}

std::string svg_plot(const Plot& plot) {
  const Extent extent = extent_of(plot);
  if (extent.first > extent.last) return {};
  const std::vector<double> ticks = axis_ticks(extent.highest);
  const Scale scale(extent.first, extent.last, ticks.back());
  std::string svg = fmt::format(
      R"(<figure><figcaption>{} <span class="unit">{}</span></figcaption><p class="legend">)",
      html_text(plot.title), html_text(plot.unit));
  for (std::size_t i = 0; i < plot.series.size(); ++i) {
    svg += fmt::format(R"(<span class="key"><span class="swatch b{}"></span>{}</span> )",
                       i % kColours, html_text(plot.series[i].name));
  }
  svg += fmt::format(R"(</p><svg viewBox="0 0 {} {}" role="img" aria-label="{}">)", kWidth, kHeight,
                     html_text(plot.title));
  add_grid(plot, extent, ticks, scale, svg);
  for (std::size_t i = 0; i < plot.series.size(); ++i) add_line(plot.series[i], i, scale, svg);
  svg += "</svg></figure>\n";
  return svg;
}

std::string html_text(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const Utf8Char c = first_utf8(text);
    if (!c.valid) {
      out += kReplacementUtf8;
    } else if (is_obeyed(c.value)) {
      out += ' ';
    } else {
      append_html_char(text.substr(0, c.size), out);
    }
    text.remove_prefix(c.size);
  }
  return out;
}

}  // namespace sluice
