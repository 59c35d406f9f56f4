#include <cmath>
#include <cstdint>
#include <sstream>
#include <string>

#include <unistd.h>

#include "base/clock.h"
#include "capture_generator.h"
#include "cli_main.h"
#include "output_file.h"
#include "progress_line.h"
#include "stop_signal.h"

namespace {

using namespace sluice;

constexpr std::uint64_t kDefaultMessages = 100'000;

struct Arguments {
  SynthOptions options;
  std::uint64_t duration_s = 0;
  double status_share = 0.02;
  double malformed_share = 0.005;
  std::string start = "2026-01-01T00:00:00Z";
  std::string out = "-";
  std::string summary;
  std::string config;
  bool quiet = false;
};

void declare(CLI::App& app, Arguments& args) {
  SynthOptions& options = args.options;
  app.add_option("-n,--messages", options.messages, "messages to make (100000 without --duration)");
  app.add_option("-d,--duration", args.duration_s, "seconds of network time to make");
  app.add_option("-s,--seed", options.seed, "same seed and options, same bytes")
      ->capture_default_str();
  app.add_option("--observers", options.observers, "observers that report")
      ->check(CLI::Range(1, 100'000))
      ->capture_default_str();
  app.add_option("--nodes", options.nodes, "nodes of the mesh, a third of them repeaters")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--rate", options.rate, "observations per second of network time")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--copies", options.copies, "most observations of one transmission")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  app.add_option("--channels", options.channels, "hashtag channels in use, besides Public")
      ->check(CLI::Range(0, 1000))
      ->capture_default_str();
  app.add_option("--status-share", args.status_share, "share of status messages")
      ->check(CLI::Range(0.0, 0.5))
      ->capture_default_str();
  app.add_option("--malformed-share", args.malformed_share, "share of records to be refused")
      ->check(CLI::Range(0.0, 0.4))
      ->capture_default_str();
  app.add_option("--start-time", args.start, "network time of the first message, or 'now'")
      ->capture_default_str();
  app.add_option("-o,--out", args.out, "file to write, '-' for standard output")
      ->capture_default_str();
  app.add_option("--summary", args.summary, "write what the capture holds to this file, as JSON");
  app.add_option("--config", args.config, "write the channels and regions, as a config fragment");
  app.add_flag("--quiet", args.quiet, "no progress and no summary on standard error");
}

WallTime parse_start(const std::string& text) {
  if (text == "now") return SystemClock().wall();
  int year = 0;
  unsigned month = 0, day = 0, hour = 0, minute = 0, second = 0;
  char end = 0;
  int used = 0;
  const int fields = std::sscanf(text.c_str(), "%4d-%2u-%2uT%2u:%2u:%2u%c%n", &year, &month, &day,
                                 &hour, &minute, &second, &end, &used);
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month),
                                         std::chrono::day(day)};
  const bool whole = fields == 7 && end == 'Z' && static_cast<std::size_t>(used) == text.size();
  if (!whole || !date.ok() || hour > 23 || minute > 59 || second > 59) {
    throw CLI::ValidationError("--start-time", "wants a time such as 2026-01-01T00:00:00Z");
  }
  return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second);
}

void complete(Arguments& args) {
  SynthOptions& options = args.options;
  if (options.messages == 0 && args.duration_s == 0) options.messages = kDefaultMessages;
  options.duration = std::chrono::seconds(args.duration_s);
  options.status_ppm = static_cast<std::uint32_t>(std::llround(args.status_share * 1e6));
  options.malformed_ppm = static_cast<std::uint32_t>(std::llround(args.malformed_share * 1e6));
  options.start = parse_start(args.start);
}

void write_file(const std::string& path, const std::string& text) {
  OutputFile file(path);
  file.buffer() = text;
  file.finish();
}

std::string summary_json(const SynthCounts& counts) {
  return fmt::format(
      "{{\"messages\":{},\"transmissions\":{},\"observations\":{},\"repeats\":{},\"sent\":{},"
      "\"badly_signed\":{},\"statuses\":{},\"malformed\":{}}}\n",
      counts.messages, counts.transmissions, counts.observations, counts.repeats, counts.sent,
      counts.badly_signed, counts.statuses, counts.malformed);
}

int generate(const Arguments& args) {
  CaptureGenerator generator(args.options);
  if (!args.config.empty()) write_file(args.config, config_fragment(generator.network()));
  OutputFile file(args.out);
  ProgressLine progress(std::chrono::seconds(0), args.quiet);
  while (!stop_requested() && generator.next(file.buffer())) {
    file.written();
    if (generator.counts().messages % 1024 == 0 && progress.due()) {
      progress.show(fmt::format("{} messages, {:.1f} MB", generator.counts().messages,
                                static_cast<double>(file.bytes()) / 1e6));
    }
  }
  file.finish();
  progress.clear();
  const std::string summary = summary_json(generator.counts());
  if (!args.summary.empty()) write_file(args.summary, summary);
  if (!args.quiet) fmt::print(stderr, "{}", summary);
  return stop_requested() ? kExitFailed : kExitOk;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Makes the capture of a mesh network that does not exist.", "sluice-synth");
  Arguments args;
  declare(app, args);
  return cli_main(app, argc, argv, [&args] {
    complete(args);
    catch_stop_signals();
    return generate(args);
  });
}
