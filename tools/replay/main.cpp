#include <charconv>
#include <optional>
#include <string>

#include "broker_options.h"
#include "capture_rounds.h"
#include "cli_main.h"
#include "replayer.h"
#include "stop_signal.h"

namespace {

using namespace sluice;

struct Arguments {
  ReplayOptions options;
  std::string file;
  std::uint64_t rounds = 1;
  BrokerOptions broker;
  std::string speed = "original";
  double rate = 0;
  unsigned patience_s = 30;
  bool no_retain = false;
  bool json = false;
};

/// `original`, `max`, or a factor such as `10x`.
std::optional<Pacer> parse_speed(std::string_view text) {
  if (text == "original") return Pacer::recorded(1);
  if (text == "max") return Pacer::unlimited();
  if (text.ends_with('x')) text.remove_suffix(1);
  double factor = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), factor);
  const bool whole = parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size();
  if (!whole || !(factor > 0 && factor < 1e9)) return std::nullopt;
  return Pacer::recorded(factor);
}

void declare(CLI::App& app, Arguments& args) {
  ReplayOptions& options = args.options;
  app.add_option("file", args.file, "capture to publish, '-' for standard input")->required();
  args.broker.declare(app);
  args.broker.declare_allow_remote(app);
  auto* speed = app.add_option("-s,--speed", args.speed,
                               "original, max, or a factor of the recorded speed such as 10x")
                    ->capture_default_str();
  app.add_option("-r,--rate", args.rate, "messages per second, evenly, instead of a speed")
      ->check(CLI::Range(0.001, 1e9))
      ->excludes(speed);
  app.add_option("-c,--connections", options.connections,
                 "clients to publish with; a topic's messages all go through one")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_option("-q,--qos", options.qos, "publish everything with this QoS")
      ->check(CLI::Range(0, 2));
  app.add_option("-n,--loop", args.rounds, "publish the capture so many times")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}))
      ->capture_default_str();
  app.add_option("--topic-prefix", options.topic_prefix, "put in front of every topic");
  app.add_flag("--no-retain", args.no_retain, "publish nothing as retained");
  app.add_option("--patience", args.patience_s, "seconds to wait for a broker that went away")
      ->capture_default_str();
  app.add_flag("--json", args.json, "print the summary as JSON, on standard output");
  app.add_flag("--quiet", options.quiet, "no progress");
}

void complete(Arguments& args) {
  ReplayOptions& options = args.options;
  options.login = args.broker.login();
  const auto pacer = args.rate > 0 ? Pacer::even(args.rate) : parse_speed(args.speed);
  if (!pacer) throw CLI::ValidationError("--speed", "original, max, or a factor such as 10x");
  options.pacer = *pacer;
  if (args.rounds > 1 && args.file == "-") {
    throw CLI::ValidationError("--loop", "standard input can be read only once");
  }
  options.patience = std::chrono::seconds(args.patience_s);
  options.keep_retain = !args.no_retain;
}

void print_json(const ReplayResult& result) {
  const PublishCounts& counts = result.counts;
  const double seconds = result.took.count();
  fmt::print(
      "{{\"complete\":{},\"records\":{},\"bad_lines\":{},\"published\":{},\"acknowledged\":{},"
      "\"failed\":{},\"uncertain\":{},\"connection_losses\":{},\"payload_bytes\":{},"
      "\"seconds\":{:.3f},\"rate\":{:.1f},\"most_late_seconds\":{:.3f}}}\n",
      result.complete(), result.records, result.bad_lines, counts.published, counts.acknowledged,
      counts.failed, counts.uncertain, counts.connection_losses, result.payload_bytes, seconds,
      static_cast<double>(counts.published) / seconds, result.most_late.count());
}

void print_text(const ReplayResult& result) {
  const PublishCounts& counts = result.counts;
  const double seconds = result.took.count();
  fmt::print(
      stderr,
      "{} of {} messages published in {:.2f} s ({:.0f}/s, {:.1f} MB/s): {} acknowledged, {} "
      "failed, {} uncertain, {} bad lines, {} connections lost, at most {:.3f} s late\n",
      counts.published, result.records, seconds, static_cast<double>(counts.published) / seconds,
      static_cast<double>(result.payload_bytes) / seconds / 1e6, counts.acknowledged, counts.failed,
      counts.uncertain, result.bad_lines, counts.connection_losses, result.most_late.count());
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Publishes a capture to a broker and accounts for every message.", "sluice-replay");
  Arguments args;
  declare(app, args);
  return cli_main(app, argc, argv, [&args] {
    complete(args);
    catch_stop_signals();
    CaptureRounds capture(args.file, args.rounds);
    Replayer replayer(args.options, capture);
    const ReplayResult result = replayer.run();
    if (args.json) {
      print_json(result);
    } else {
      print_text(result);
    }
    if (!result.fault.empty()) fmt::print(stderr, "sluice-replay: {}\n", result.fault);
    return result.complete() ? kExitOk : kExitFailed;
  });
}
