#pragma once

#include <atomic>
#include <deque>
#include <exception>
#include <thread>

#include "app/pipeline.h"
#include "config/config.h"
#include "receive/mqtt_source.h"

namespace sluice {

/// What the source's entry in the config file says, as the receive room wants it.
/// `connectTimeoutSec` is not in it: that is how long the start-up waits before it says how many
/// brokers have answered (contract 7.1); one attempt has its own limit.
[[nodiscard]] MqttOptions mqtt_options_for(const SourceConfig& source);

/// The brokers, each on its receive thread. Stops them when it goes out of scope, so that an error
/// at start-up leaves no thread behind.
///
/// Thread: main.
class Receivers {
 public:
  /// `journals`: what earlier starts have left, null if nothing outlives the process. `news` is
  /// notified when a receive thread ends.
  Receivers(const Config& config, Pipeline& pipeline, JournalDirectory* journals,
            const Clock& clock, Wakeup& news);
  ~Receivers() { stop(); }
  Receivers(const Receivers&) = delete;
  Receivers& operator=(const Receivers&) = delete;

  void start();
  /// Asks them to end; look at finished().
  void ask_to_stop() noexcept;
  /// Asks, and waits for them.
  void stop();
  /// All have ended, and closed their journals.
  [[nodiscard]] bool finished() const noexcept;
  /// What the first receive thread that failed has thrown, or null.
  [[nodiscard]] std::exception_ptr failure() const noexcept;

  [[nodiscard]] std::size_t connected() const;
  [[nodiscard]] std::size_t size() const noexcept { return sources_.size(); }
  /// In the order of the configuration.
  [[nodiscard]] std::deque<MqttSource>& sources() noexcept { return sources_; }
  [[nodiscard]] const std::deque<MqttSource>& sources() const noexcept { return sources_; }

 private:
  struct Seat {
    std::thread thread;
    std::exception_ptr error;  // written before finished (release), read after it (acquire)
    std::atomic<bool> finished{false};
  };

  std::deque<MqttSource> sources_;
  std::deque<Seat> seats_;
  const ThreadConfig placement_;
  Wakeup& news_;
};

}  // namespace sluice
