#include <string>

#include "broker_options.h"
#include "cli_main.h"
#include "recorder.h"
#include "stop_signal.h"

namespace {

using namespace sluice;

struct Arguments {
  RecorderOptions options;
  BrokerOptions broker;
  unsigned duration_s = 0;
};

void declare(CLI::App& app, Arguments& args) {
  RecorderOptions& options = args.options;
  args.broker.declare(app);
  app.add_option("-t,--topic", options.topics, "filter to subscribe to, repeatable (meshcore/#)");
  app.add_option("-o,--out", options.out, "file to write, '-' for standard output")->required();
  app.add_option("-d,--duration", args.duration_s, "seconds to record (0 = until stopped)");
  app.add_option("-n,--messages", options.messages, "messages to record (0 = until stopped)");
  app.add_option("-q,--qos", options.qos, "QoS to subscribe with")
      ->check(CLI::Range(0, 2))
      ->capture_default_str();
  app.add_flag("--quiet", options.quiet, "no progress");
}

void complete(Arguments& args) {
  RecorderOptions& options = args.options;
  options.login = args.broker.login();
  options.duration = std::chrono::seconds(args.duration_s);
  if (options.topics.empty()) options.topics.emplace_back("meshcore/#");
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Records what a broker sends as a capture.", "sluice-capture");
  Arguments args;
  declare(app, args);
  return cli_main(app, argc, argv, [&args] {
    complete(args);
    catch_stop_signals();
    Recorder recorder(args.options);
    const RecorderResult result = recorder.run();
    fmt::print(stderr, "{} messages, {:.1f} MB, {} connections lost\n", result.messages,
               static_cast<double>(result.bytes) / 1e6, result.connection_losses);
    return kExitOk;
  });
}
