#include "load_source.h"

#include "base/clock.h"
#include "base/timestamp_text.h"

namespace sluice {
namespace {

constexpr std::size_t kTimeTextSize = 19;  // without the zone
constexpr std::chrono::milliseconds kTimeTextFor{500};

}  // namespace

LoadSource::LoadSource(const TemplateSet& templates, const RunMark& mark)
    : templates_(templates), rewriter_(mark, templates.span_seconds()) {}

void LoadSource::begin_step(std::uint64_t messages, Clock::time_point start) {
  wanted_ = messages;
  taken_ = 0;
  published_.store(0, std::memory_order_relaxed);  // no step is under way
  start_ = start;
  log_.clear();
  log_.reserve(messages);
  position_ = 0;
  ++round_;
}

bool LoadSource::next(CaptureRecord& record) {
  if (taken_ == wanted_) return false;
  if (position_ == templates_.messages().size()) {
    position_ = 0;
    ++round_;
  }
  const MessageTemplate& message = templates_.messages()[position_];
  if (taken_ % 64 == 0) refresh_time_text();
  const std::uint64_t hash = rewriter_.rewrite(message, round_, time_text_, payload_);
  current_.key = message.is_packet ? row_key(hash, message.observer, message.path_hash) : 0;
  current_.message = static_cast<std::uint32_t>(position_++);
  current_.round = round_;
  record = {.topic = message.topic, .payload = payload_, .qos = message.qos};
  ++taken_;
  return true;
}

void LoadSource::note_given() {
  const auto since = Clock::now() - start_;
  current_.at_us10 = static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(since).count() / 10);
  log_.push_back(current_);
  published_.store(log_.size(), std::memory_order_relaxed);
}

void LoadSource::refresh_time_text() {
  const Clock::time_point now = Clock::now();
  if (now < time_text_until_) return;
  time_text_until_ = now + kTimeTextFor;
  time_text_ = TimestampText(SystemClock().wall()).view().substr(0, kTimeTextSize);
}

}  // namespace sluice
