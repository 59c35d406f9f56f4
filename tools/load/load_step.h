#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "percentiles.h"
#include "stats_file.h"

namespace sluice {

inline constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

/// One second of the run. kUnknown where nothing could be measured.
struct TimelinePoint {
  double at = 0;  ///< seconds since the run began
  double wanted_rate = kUnknown;
  double published_rate = kUnknown;
  double visible_rate = kUnknown;
  double cpu_percent = kUnknown;  ///< of one core
  double rss_anon_mib = kUnknown;
  double rss_mib = kUnknown;
  double written_mib_s = kUnknown;
  double in_flight = kUnknown;  ///< messages that the ingestor has received and not finished
  double transactions_s = kUnknown;
  double syncs_s = kUnknown;
  StatsPercentiles lock_hold;
  std::vector<std::pair<std::string, double>> queues;
};

/// Publish to visible, of the messages of one second.
struct LatencyPoint {
  double at = 0;  ///< seconds since the run began
  LatencySummary seconds{};
};

/// What the ingestor itself counted during a step.
struct IngestorDelta {
  bool has_own = false;
  std::uint64_t received = 0, committed = 0, merged = 0;
  std::map<std::string, std::uint64_t> rejected, dropped;
  std::optional<double> transactions_s, syncs_s;
  StatsPercentiles lock_hold, receive_to_commit;  ///< since the ingestor started
};

enum class StepVerdict {
  kHeld,
  kLoss,            ///< something is missing
  kBehind,          ///< everything arrives, but ever later
  kPublisherLimit,  ///< the messages could not be published so fast
  kInterrupted,
};

/// One rate, tried for some seconds.
struct StepResult {
  double wanted_rate = 0;
  double seconds = 0;
  double began_at = 0;  ///< seconds since the run began

  // the publisher
  std::uint64_t published = 0;
  std::uint64_t not_published = 0;  ///< refused, or the broker did not prove that it has read them
  double published_rate = 0;
  double publisher_cpu_percent = 0;  ///< of one core
  std::string fault;                 ///< why publishing ended early

  // the database
  std::uint64_t rows_expected = 0;
  std::uint64_t rows_found = 0;
  std::uint64_t rows_missing = 0;
  std::uint64_t rows_in_step = 0;  ///< of the run's observers, with an id of this step
  std::uint64_t rows_twice = 0;
  std::uint64_t rows_unknown = 0;
  std::uint64_t statuses = 0;
  std::uint64_t merges = 0;                   ///< repeats of the same observation
  std::optional<std::uint64_t> counted;       ///< messages, by the observers' packet_count
  std::vector<std::string> missing_examples;  ///< in words
  std::map<std::string, std::uint64_t> missing_by_region;
  std::int64_t first_id = 0, last_id = 0;  ///< the step's rows are in (first, last]

  // time
  LatencySummary latency{};   ///< seconds, publish to visible
  double latency_growth = 0;  ///< seconds per second of the step
  double lag_at_end = 0;      ///< seconds from the last publish until the last row was visible
  std::uint64_t not_received_at_end = 0;

  // the ingestor
  std::optional<IngestorDelta> ingestor;
  double cpu_percent = kUnknown;
  double rss_anon_mib_max = kUnknown;

  StepVerdict verdict = StepVerdict::kHeld;
  std::string reason;  ///< in words, '' when it held

  /// Messages that the account lacks: rows that are not there, and contacts that were not counted.
  [[nodiscard]] std::uint64_t missing() const noexcept {
    const std::uint64_t uncounted = counted && *counted < published ? published - *counted : 0;
    return rows_missing > uncounted ? rows_missing : uncounted;
  }
};

}  // namespace sluice
