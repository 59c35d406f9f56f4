#include <cmath>
#include <string>

#include "broker_options.h"
#include "cli_main.h"
#include "command_text.h"
#include "load_test.h"
#include "output_file.h"
#include "process_watch.h"
#include "stop_signal.h"

namespace {

using namespace sluice;

/// What was published stays in memory until it has been compared, 70 bytes each.
constexpr double kMaxMessages = 20e6;
constexpr double kMaxSeconds = 36'000;

struct Arguments {
  LoadOptions options;
  BrokerOptions broker;
  int pid = 0;
  unsigned patience_s = 30;
};

void declare_test(CLI::App& app, LoadOptions& options) {
  auto* rate = app.add_option("-r,--rate", options.rate, "messages per second, for one run")
                   ->check(CLI::Range(0.1, 1e6))
                   ->capture_default_str();
  app.add_option("-s,--seconds", options.seconds, "length of the run, or of each step")
      ->check(CLI::Range(1.0, kMaxSeconds))
      ->capture_default_str();
  app.add_flag("--find-limit", options.find_limit,
               "look for the highest rate that holds: double it, then halve the distance")
      ->excludes(rate);
  app.add_option("--start-rate", options.search.start, "where the search begins")
      ->check(CLI::Range(1.0, 1e6))
      ->capture_default_str();
  app.add_option("--max-rate", options.search.highest, "and where it ends at the latest")
      ->check(CLI::Range(1.0, 1e6));
  app.add_option("--max-lag", options.rules.max_lag,
                 "seconds after the last message by which all must be visible")
      ->check(CLI::Range(0.1, 600.0))
      ->capture_default_str();
  app.add_option("--network-rate", options.network_rate,
                 "messages per second of your network, for the verdict (the capture's)")
      ->check(CLI::Range(0.0, 1e6));
}

void declare(CLI::App& app, Arguments& args) {
  LoadOptions& options = args.options;
  app.add_option("capture", options.capture, "what to publish, again and again as something new")
      ->required()
      ->check(CLI::ExistingFile);
  app.add_option("-d,--database", options.database, "the ingestor's database; it is only read")
      ->required()
      ->check(CLI::ExistingFile);
  args.broker.declare(app);
  args.broker.declare_allow_remote(app);
  app.add_option("--stats", options.stats_path,
                 "the ingestor's stats file (CORESCOPE_INGESTOR_STATS)");
  app.add_option("--pid", args.pid, "the ingestor's process (who else has the database open)");
  declare_test(app, options);
  app.add_option("-c,--connections", options.connections, "clients to publish with")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_option("-q,--qos", options.qos, "publish everything with this QoS")
      ->check(CLI::Range(0, 2));
  app.add_option("--patience", args.patience_s,
                 "seconds without any news after which what is not there is missing")
      ->check(CLI::Range(1, 3600))
      ->capture_default_str();
  app.add_option("--report", options.report_path, "write a page with plots to this file");
  app.add_option("--json", options.json_path, "write the numbers to this file, '-' for stdout");
  app.add_flag("--quiet", options.quiet, "the verdict alone");
}

void complete(Arguments& args) {
  LoadOptions& options = args.options;
  options.login = args.broker.login();
  options.patience = std::chrono::seconds(args.patience_s);
  if (args.pid != 0) {
    options.pid = args.pid;
    if (!sample_process(args.pid)) throw CLI::ValidationError("--pid", "there is no such process");
  } else {
    options.pid = find_user_of(options.database);
  }
  if (!options.find_limit && options.rate * options.seconds > kMaxMessages) {
    throw CLI::ValidationError("--seconds", "more than 20 million messages in one run");
  }
  options.search.highest = std::min(options.search.highest, kMaxMessages / options.seconds);
}

void write_file(const std::string& path, const std::string& text) {
  OutputFile file(path);
  file.buffer() = text;
  file.finish();
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app(
      "Finds out what a broker, an ingestor and its database carry: publishes at a rate, and looks "
      "in the database what has come of it.",
      "sluice-load");
  Arguments args;
  declare(app, args);
  return cli_main(app, argc, argv, [&] {
    complete(args);
    args.options.command_line = command_text(argc, argv);
    catch_stop_signals();
    const LoadReport report = LoadTest(args.options).run();
    if (!args.options.report_path.empty()) {
      write_file(args.options.report_path, report_html(report));
    }
    if (!args.options.json_path.empty()) write_file(args.options.json_path, report_json(report));
    fmt::print(args.options.json_path == "-" ? stderr : stdout, "{}\n", verdict_text(report));
    return report.good() ? kExitOk : kExitFailed;
  });
}
