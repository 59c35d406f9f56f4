#include "app/startup_watch.h"

#include <algorithm>

#include "base/log.h"

namespace sluice {

StartupWatch::StartupWatch(std::vector<StartingSource> sources, bool exit_without_broker,
                           const Clock& clock)
    : exit_without_broker_(exit_without_broker), clock_(clock), last_deadline_(clock.mono()) {
  for (StartingSource& source : sources) {
    log_info("MQTT [{}] connect timeout: {}s", source.tag, source.connect_timeout.count());
    const MonoTime deadline = clock.mono() + source.connect_timeout;
    last_deadline_ = std::max(last_deadline_, deadline);
    sources_.push_back({.source = std::move(source), .deadline = deadline});
  }
}

void StartupWatch::look() {
  const MonoTime now = clock_.mono();
  for (Waiting& waiting : sources_) {
    if (waiting.settled) continue;
    const bool connected = waiting.source.look().connects > 0;
    waiting.settled = connected || now >= waiting.deadline;
    if (waiting.settled && !connected) {
      log_warn("MQTT [{}] initial connection timed out — retrying in background",
               waiting.source.tag);
    }
  }
}

bool StartupWatch::consider() {
  if (spoken_) return true;
  look();
  const auto up =
      static_cast<std::size_t>(std::count_if(sources_.begin(), sources_.end(), [](auto& waiting) {
        return waiting.source.look().connected;
      }));
  if (up < sources_.size() && clock_.mono() < last_deadline_) return true;
  spoken_ = true;
  if (up == sources_.size()) {
    log_info("Running — {} MQTT source(s) connected", up);
  } else {
    log_warn("Running — {} MQTT source(s) connected, {} retrying in background", up,
             sources_.size() - up);
  }
  return up > 0 || !exit_without_broker_;
}

}  // namespace sluice
