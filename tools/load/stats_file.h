#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sluice {

/// Percentiles in milliseconds as the ingestor gives them.
struct StatsPercentiles {
  std::optional<double> p50, p95, p99, max;
};

/// What an ingestor says of itself once a second: the keys that all CoreScope-shaped ingestors
/// have, and those that Sluice adds in an object of its own. Counters run since it started.
struct StatsSample {
  std::string sampled_at;
  std::optional<std::uint64_t> observations_inserted, write_errors, commits;
  StatsPercentiles lock_hold;

  bool has_own = false;  ///< the rest is known
  std::string version;
  std::uint64_t received = 0, committed = 0, merged = 0, in_flight = 0, journal_bytes = 0;
  std::vector<std::pair<std::string, std::uint64_t>> rejected, dropped;  ///< by reason
  std::uint64_t transactions = 0, syncs = 0;
  StatsPercentiles receive_to_commit, commit;
  std::vector<std::pair<std::string, double>> queues;  ///< batches in each

  [[nodiscard]] std::uint64_t rejected_total() const noexcept;
  [[nodiscard]] std::uint64_t dropped_total() const noexcept;
};

/// Reads the file that CORESCOPE_INGESTOR_STATS names.
///
/// Thread: bound(its user).
class StatsFile {
 public:
  /// '' = there is none.
  explicit StatsFile(std::string path);

  /// Nothing when it can't be read or is no such file.
  [[nodiscard]] std::optional<StatsSample> read();
  [[nodiscard]] static std::optional<StatsSample> parse(const std::string& json);

 private:
  std::string path_;
};

}  // namespace sluice
