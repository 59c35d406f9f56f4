#include <functional>

#include <fmt/format.h>

#include "load_report.h"
#include "number_text.h"
#include "svg_plot.h"

namespace sluice {
namespace {

constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; --text: #1b1f24; --dim: #5c6570; --page: #ffffff; --card: #f5f6f8;
  --grid: #dfe3e8; --good: #1a7f37; --bad: #c62828;
  --c0: #2563eb; --c1: #d9480f; --c2: #2b8a3e; --c3: #9c36b5; --c4: #b08900; --c5: #0b7285; --c6: #c2255c;
  --c7: #5c6570; }
@media (prefers-color-scheme: dark) { :root { --text: #e4e8ee; --dim: #9aa4b0; --page: #14171b;
  --card: #1d2127; --grid: #333a43; --good: #57c274; --bad: #ff7b72;
  --c0: #74a9ff; --c1: #ff9f5c; --c2: #69db7c; --c3: #da9cf5; --c4: #f2cc4d; --c5: #5fd0e0; --c6: #ff8fb8;
  --c7: #aab3bd; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--page); margin: 0 auto;
  max-width: 78rem; padding: 1.5rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
.verdict { font-size: 1.15rem; padding: 1rem; background: var(--card); border-left: 5px solid var(--bad); }
.verdict.good { border-color: var(--good); }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(30rem, 100%), 1fr)); gap: 1rem; }
figure { margin: 0; padding: .8rem; background: var(--card); }
figcaption { font-weight: 600; } .unit { font-weight: 400; color: var(--dim); }
.legend { margin: .2rem 0; font-size: .85rem; color: var(--dim); } .key { margin-right: .8rem; }
.swatch { display: inline-block; width: .8rem; height: .25rem; margin-right: .3rem; vertical-align: middle; }
svg { width: 100%; height: auto; display: block; } .line { fill: none; stroke-width: 1.8; stroke-linejoin: round;
  stroke-linecap: round; }
.grid { stroke: var(--grid); } .mark { stroke: var(--dim); stroke-dasharray: 2 4; opacity: .6; }
.tick { font: 11px system-ui, sans-serif; fill: var(--dim); }
.scroll { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .6rem; text-align: right; border-bottom: 1px solid var(--grid); white-space: nowrap; }
th { font-weight: 600; } td.words, th.words { text-align: left; white-space: normal; }
td.facts { text-align: left; } .holds { color: var(--good); } .fails { color: var(--bad); }
code { overflow-wrap: anywhere; } .dim { color: var(--dim); }
)";

std::string style() {
  std::string text(kStyle);
  for (int i = 0; i < 8; ++i) {
    text +=
        fmt::format(".s{0} {{ stroke: var(--c{0}); }} .b{0} {{ background: var(--c{0}); }}\n", i);
  }
  return text;
}

std::string cell(const std::string& text, std::string_view classes = "") {
  if (classes.empty()) return "<td>" + html_text(text) + "</td>";
  return fmt::format(R"(<td class="{}">{}</td>)", classes, html_text(text));
}

std::string rate_or_dash(const std::optional<double>& rate) {
  return rate ? number_text(*rate) : "-";
}

std::string lock_text(const StepResult& step) {
  if (!step.ingestor || !step.ingestor->lock_hold.p99) return "-";
  return duration_text(*step.ingestor->lock_hold.p99 / 1000);
}

std::string step_row(const StepResult& step) {
  const bool holds = step.verdict == StepVerdict::kHeld;
  std::string row = "<tr>";
  row += cell(rate_text(step.wanted_rate));
  row += cell(std::string(to_string(step.verdict)), holds ? "words holds" : "words fails");
  row += cell(rate_text(step.published_rate));
  row += cell(count_text(step.published));
  row += cell(count_text(step.rows_found));
  row += cell(count_text(step.merges));
  row += cell(count_text(step.statuses));
  row += cell(count_text(step.missing()));
  row += cell(duration_text(step.latency.p50));
  row += cell(duration_text(step.latency.p99));
  row += cell(duration_text(step.lag_at_end));
  row += cell(number_text(step.cpu_percent, 0));
  row += cell(number_text(step.rss_anon_mib_max));
  row += cell(step.ingestor ? rate_or_dash(step.ingestor->transactions_s) : "-");
  row += cell(step.ingestor ? rate_or_dash(step.ingestor->syncs_s) : "-");
  row += cell(lock_text(step));
  row += cell(step.reason, "words");
  return row + "</tr>\n";
}

std::string steps_table(const LoadReport& report) {
  std::string html = "<h2>Steps</h2>\n<div class=\"scroll\"><table>\n<tr>";
  for (const char* head : {"rate", "result", "reached", "published", "rows", "merged", "statuses",
                           "missing", "visible p50", "visible p99", "last after", "CPU %",
                           "RssAnon MiB", "transactions/s", "fsyncs/s", "lock p99"}) {
    html += fmt::format("<th>{}</th>", head);
  }
  html += "<th class=\"words\">why</th></tr>\n";
  for (const StepResult& step : report.steps) html += step_row(step);
  html += "</table></div>\n";
  html +=
      "<p class=\"dim\">Rates are messages per second. <em>Visible</em> is the time from handing a "
      "message to the broker's connection until another process can read its row, to within "
      "50&#160;ms. <em>Merged</em> are repeats of the same observation, which make no row of their "
      "own. "
      "CPU is in percent of one core; the lock's percentile counts since the ingestor "
      "started.</p>\n";
  for (const StepResult& step : report.steps) {
    if (step.missing_examples.empty()) continue;
    html += fmt::format("<h2>Missing at {} a second</h2>\n<ul>\n", rate_text(step.wanted_rate));
    for (const auto& [region, count] : step.missing_by_region) {
      html += fmt::format("<li>{} from region {}</li>\n", count_text(count), html_text(region));
    }
    for (const std::string& example : step.missing_examples) {
      html += fmt::format("<li><code>{}</code></li>\n", html_text(example));
    }
    html += "</ul>\n";
  }
  return html;
}

using Value = std::function<double(const TimelinePoint&)>;

PlotSeries series(const LoadReport& report, const char* name, const Value& value) {
  PlotSeries line{name, {}};
  for (const TimelinePoint& point : report.timeline) {
    line.points.emplace_back(point.at, value(point));
  }
  return line;
}

PlotSeries latency_series(const LoadReport& report, const char* name,
                          double LatencySummary::*value) {
  PlotSeries line{name, {}};
  for (const LatencyPoint& point : report.latencies) {
    // Between two steps nothing was published.
    if (!line.points.empty() && point.at - line.points.back().first > 2.5) {
      line.points.emplace_back(point.at, kUnknown);
    }
    line.points.emplace_back(point.at, point.seconds.*value);
  }
  return line;
}

std::vector<PlotSeries> queue_series(const LoadReport& report) {
  std::vector<PlotSeries> lines;
  for (const TimelinePoint& point : report.timeline) {
    for (std::size_t i = 0; i < point.queues.size(); ++i) {
      if (i == lines.size()) lines.push_back({point.queues[i].first, {}});
      lines[i].points.emplace_back(point.at, point.queues[i].second);
    }
  }
  return lines;
}

std::string plots(const LoadReport& report) {
  std::vector<double> marks;
  for (const StepResult& step : report.steps) marks.push_back(step.began_at);
  const auto line = [&](const char* name, double TimelinePoint::*value) {
    return series(report, name, [value](const TimelinePoint& point) { return point.*value; });
  };
  const auto lock = [&](const char* name, std::optional<double> StatsPercentiles::*value) {
    return series(report, name, [value](const TimelinePoint& point) {
      return (point.lock_hold.*value).value_or(kUnknown);
    });
  };
  const std::vector<Plot> all = {
      {"Throughput",
       "messages and rows per second",
       {line("wanted", &TimelinePoint::wanted_rate),
        line("published", &TimelinePoint::published_rate),
        line("visible in the database", &TimelinePoint::visible_rate)},
       marks},
      {"Publish to visible",
       "seconds, by time of publishing",
       {latency_series(report, "p50", &LatencySummary::p50),
        latency_series(report, "p99", &LatencySummary::p99)},
       marks},
      {"Received and not finished",
       "messages",
       {line("in flight", &TimelinePoint::in_flight)},
       marks},
      {"Queues", "batches", queue_series(report), marks},
      {"Write lock held",
       "ms, since the ingestor started",
       {lock("p50", &StatsPercentiles::p50), lock("p99", &StatsPercentiles::p99),
        lock("max", &StatsPercentiles::max)},
       marks},
      {"Transactions and fsyncs",
       "per second",
       {line("transactions", &TimelinePoint::transactions_s),
        line("fsyncs", &TimelinePoint::syncs_s)},
       marks},
      {"Memory of the ingestor",
       "MiB",
       {line("RssAnon", &TimelinePoint::rss_anon_mib),
        line("resident, with mapped files", &TimelinePoint::rss_mib)},
       marks},
      {"CPU of the ingestor", "% of one core", {line("CPU", &TimelinePoint::cpu_percent)}, marks},
      {"Written to disk",
       "MiB per second",
       {line("written", &TimelinePoint::written_mib_s)},
       marks},
  };
  std::string html = "<h2>Over time</h2>\n<div class=\"plots\">\n";
  for (const Plot& plot : all) html += svg_plot(plot);
  return html + "</div>\n<p class=\"dim\">Dotted lines: a step begins.</p>\n";
}

std::string facts_table(const LoadReport& report) {
  const MachineFacts& machine = report.machine;
  std::string html = "<h2>Machine and run</h2>\n<div class=\"scroll\"><table>\n";
  const auto row = [&](std::string_view name, const std::string& value) {
    if (value.empty()) return;
    html += fmt::format("<tr><th class=\"words\">{}</th>{}</tr>\n", name, cell(value, "words"));
  };
  row("machine", machine.model);
  row("CPU", fmt::format("{}, {} cores", machine.cpu, machine.cores));
  row("memory", fmt::format("{:.1f} GiB", static_cast<double>(machine.memory_bytes) / (1U << 30)));
  row("kernel", machine.kernel);
  row("system", machine.system);
  row("database's disk", machine.disk);
  row("ingestor", report.ingestor);
  row("began", report.began);
  row("traffic", fmt::format("{} messages of {} observers, over and over, each round new",
                             count_text(report.templates), count_text(report.observers)));
  row("observers begin with", report.mark);
  html += fmt::format(
      "<tr><th class=\"words\">command</th><td class=\"words\"><code>{}</code></td></tr>\n",
      html_text(report.command_line));
  return html + "</table></div>\n";
}

}  // namespace

std::string report_html(const LoadReport& report) {
  std::string html = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
      "<title>Load test, {}</title>\n<style>{}</style>\n</head>\n<body>\n",
      html_text(report.began), style());
  html += "<h1>Load test</h1>\n";
  html += fmt::format("<p class=\"verdict{}\">{}</p>\n", report.good() ? " good" : "",
                      html_text(verdict_text(report)));
  html += steps_table(report);
  html += plots(report);
  html += facts_table(report);
  return html + "</body>\n</html>\n";
}

}  // namespace sluice
