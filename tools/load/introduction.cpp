#include "introduction.h"

#include <algorithm>
#include <stdexcept>
#include <thread>

#include <fmt/format.h>

#include "replayer.h"
#include "stop_signal.h"

namespace sluice {
namespace {

/// Gentle, so that a slow ingestor does not begin with a backlog.
constexpr double kStatusesPerSecond = 1000;
constexpr std::chrono::milliseconds kLook{100};

/// One status for each observer.
///
/// Thread: bound(its user).
class StatusSource final : public RecordSource {
 public:
  explicit StatusSource(const std::vector<LoadObserver>& observers) : observers_(observers) {}

  [[nodiscard]] bool next(CaptureRecord& record) override {
    if (given_ == observers_.size()) return false;
    const LoadObserver& observer = observers_[given_++];
    topic_ = fmt::format("meshcore/{}/{}/status", observer.region, observer.id);
    payload_ = fmt::format(R"({{"status":"online","origin":"load test {}","origin_id":"{}"}})",
                           given_, observer.id);
    record = {.topic = topic_, .payload = payload_};
    return true;
  }
  [[nodiscard]] std::uint64_t records() const noexcept override { return given_; }

 private:
  const std::vector<LoadObserver>& observers_;
  std::size_t given_ = 0;
  std::string topic_;
  std::string payload_;
};

}  // namespace

std::vector<bool> introduce_observers(const LoadOptions& options,
                                      const std::vector<LoadObserver>& observers,
                                      ObserverRows& rows) {
  StatusSource statuses(observers);
  ReplayOptions replay;
  replay.login = options.login;
  replay.pacer = Pacer::even(kStatusesPerSecond);
  replay.qos = options.qos;
  replay.patience = std::max(options.patience, kLeastBrokerPatience);
  replay.quiet = true;
  const ReplayResult result = Replayer(replay, statuses).run();
  if (!result.fault.empty()) throw std::runtime_error(result.fault);

  auto deadline = std::chrono::steady_clock::now() + options.patience;
  std::size_t known = 0;
  while (known < observers.size() && !stop_requested() &&
         std::chrono::steady_clock::now() < deadline) {
    const std::size_t now_known = rows.refresh();
    if (now_known != known) deadline = std::chrono::steady_clock::now() + options.patience;
    known = now_known;
    std::this_thread::sleep_for(kLook);
  }
  if (stop_requested()) throw std::runtime_error("stopped");
  if (known == 0) {
    throw std::runtime_error(fmt::format(
        "{} observers announced themselves, and none is in the database after {} s. Does the "
        "ingestor run, listen to this broker and to topics like {}, and write to this database?",
        observers.size(), options.patience.count(),
        fmt::format("meshcore/{}/…/status", observers.front().region)));
  }
  return rows.missing();
}

}  // namespace sluice
