#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <poll.h>

#include "pacer.h"
#include "progress_line.h"
#include "publish_connection.h"
#include "record_source.h"

namespace sluice {

struct ReplayOptions {
  MqttLogin login;
  Pacer pacer = Pacer::recorded(1);
  unsigned connections = 1;
  int qos = -1;  ///< -1 = as recorded
  bool keep_retain = true;
  std::string topic_prefix;
  std::chrono::seconds patience{30};  ///< for reconnecting, and for the last answers
  bool quiet = false;
};

struct ReplayResult {
  std::uint64_t records = 0;  ///< good lines read
  std::uint64_t bad_lines = 0;
  PublishCounts counts;
  std::uint64_t payload_bytes = 0;
  std::chrono::duration<double> took{0};       ///< from the first message to the last proof
  std::chrono::duration<double> giving{0};     ///< from the first message to the last one
  std::chrono::duration<double> most_late{0};  ///< behind the wanted pace
  bool interrupted = false;
  std::string fault;  ///< why it ended early, '' = it did not

  [[nodiscard]] bool complete() const noexcept {
    return !interrupted && fault.empty() && bad_lines == 0 && counts.published == records;
  }
};

/// Publishes messages: reads, paces, spreads the topics over the connections so that each topic's
/// messages stay in order, and waits until the broker has proved that it has everything.
///
/// Thread: bound(its user); one thread drives all connections.
class Replayer {
 public:
  /// Keeps references to both.
  Replayer(const ReplayOptions& options, RecordSource& source);
  [[nodiscard]] ReplayResult run();

 private:
  using Clock = std::chrono::steady_clock;

  void publish_all();
  void publish(const CaptureRecord& record);
  void prove_all();
  /// Moves data until something changes, at most until `until`.
  void drive(Clock::time_point until);
  void serve(PublishConnection& connection, short events);
  void reconnect(PublishConnection& connection);
  void tick();
  void report();
  [[nodiscard]] PublishCounts totals() const;
  [[nodiscard]] PublishConnection& connection_of(std::string_view topic);

  const ReplayOptions& options_;
  RecordSource& source_;
  std::vector<std::unique_ptr<PublishConnection>> connections_;
  std::vector<pollfd> polls_;
  Clock::time_point start_;
  Clock::time_point next_tick_;
  std::uint64_t given_ = 0;
  std::uint64_t given_at_report_ = 0;
  Clock::time_point last_report_;
  std::string topic_;
  ProgressLine progress_;
  ReplayResult result_;
};

}  // namespace sluice
