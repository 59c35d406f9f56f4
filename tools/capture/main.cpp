#include <string>

#include "cli_main.h"
#include "recorder.h"
#include "stop_signal.h"

namespace {

using namespace sluice;

struct Arguments {
  RecorderOptions options;
  std::string broker = "mqtt://localhost:1883";
  unsigned duration_s = 0;
};

void declare(CLI::App& app, Arguments& args) {
  RecorderOptions& options = args.options;
  app.add_option("-b,--broker", args.broker, "mqtt://[user:password@]host[:port], or mqtts://")
      ->capture_default_str();
  app.add_option("-t,--topic", options.topics, "filter to subscribe to, repeatable (meshcore/#)");
  app.add_option("-o,--out", options.out, "file to write, '-' for standard output")->required();
  app.add_option("-d,--duration", args.duration_s, "seconds to record (0 = until stopped)");
  app.add_option("-n,--messages", options.messages, "messages to record (0 = until stopped)");
  app.add_option("-q,--qos", options.qos, "QoS to subscribe with")
      ->check(CLI::Range(0, 2))
      ->capture_default_str();
  app.add_option("-u,--username", options.login.url.username);
  app.add_option("-P,--password", options.login.url.password);
  app.add_option("--ca-file", options.login.ca_file, "certificates to trust, for mqtts://")
      ->check(CLI::ExistingFile);
  app.add_flag("--insecure", options.login.insecure, "do not check the broker's name");
  app.add_flag("--quiet", options.quiet, "no progress");
}

void complete(Arguments& args) {
  RecorderOptions& options = args.options;
  std::string error;
  auto url = BrokerUrl::parse(args.broker, error);
  if (!url) throw CLI::ValidationError("--broker", error);
  if (!options.login.url.username.empty()) {
    url->username = options.login.url.username;
    url->password = options.login.url.password;
  }
  options.login.url = *url;
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
