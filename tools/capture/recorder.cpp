#include "recorder.h"

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <thread>

#include <fmt/format.h>
#include <mosquitto.h>
#include <poll.h>

#include "receive/capture_format.h"
#include "stop_signal.h"

namespace sluice {
namespace {

constexpr std::chrono::milliseconds kPoll{200};
constexpr std::chrono::milliseconds kLongestRetryPause{10'000};

}  // namespace

Recorder::Recorder(const RecorderOptions& options)
    : options_(options),
      session_(options.login, *this),
      file_(options.out),
      progress_(std::chrono::seconds(10), options.quiet) {}

RecorderResult Recorder::run() {
  connect();
  start_ = Clock::now();
  Clock::time_point next_tick = start_;
  while (!done()) {
    drive();
    if (!session_.connected()) reconnect();
    if (Clock::now() < next_tick) continue;
    next_tick = Clock::now() + std::chrono::seconds(1);
    session_.tick();
    file_.flush();  // someone may be following the file
    if (progress_.due()) report();
  }
  session_.disconnect();
  file_.finish();
  result_.bytes = file_.bytes();
  progress_.clear();
  return result_;
}

bool Recorder::done() const {
  if (stop_requested()) return true;
  if (options_.messages > 0 && result_.messages >= options_.messages) return true;
  return options_.duration.count() > 0 && Clock::now() - start_ >= options_.duration;
}

void Recorder::connect() {
  subscribed_ = 0;
  session_.connect();
  for (const std::string& topic : options_.topics) session_.subscribe(topic, options_.qos);
}

void Recorder::reconnect() {
  fmt::print(stderr, "connection lost: {}\n", session_.lost_because());
  ++result_.connection_losses;
  std::chrono::milliseconds pause{250};
  while (!done()) {
    try {
      return connect();
    } catch (const std::runtime_error&) {
      const Clock::time_point until = Clock::now() + pause;
      while (!done() && Clock::now() < until) std::this_thread::sleep_for(kPoll);
      pause = std::min(pause * 2, kLongestRetryPause);
    }
  }
}

void Recorder::drive() {
  pollfd poll_fd{session_.socket(),
                 static_cast<short>(session_.wants_write() ? POLLIN | POLLOUT : POLLIN), 0};
  const int ready = ::poll(&poll_fd, 1, static_cast<int>(kPoll.count()));
  if (ready < 0 && errno != EINTR) {
    throw std::system_error(errno, std::generic_category(), "poll");
  }
  if (ready <= 0) return;
  if ((poll_fd.revents & ~POLLOUT) != 0 && !session_.read_ready()) return;
  if (session_.wants_write()) session_.write_ready();
}

/// Says that from here on nothing is missed; scripts wait for this line.
void Recorder::on_subscribed() {
  if (++subscribed_ != options_.topics.size()) return;
  fmt::print(stderr, "recording from {}:{}\n", options_.login.url.host, options_.login.url.port);
}

void Recorder::on_message(const mosquitto_message& message) {
  if (options_.messages > 0 && result_.messages >= options_.messages) return;
  const Clock::time_point now = Clock::now();
  if (!first_message_) first_message_ = now;
  CaptureRecord record;
  record.offset = std::chrono::duration_cast<std::chrono::milliseconds>(now - *first_message_);
  record.topic = message.topic;
  record.payload = {static_cast<const char*>(message.payload),
                    static_cast<std::size_t>(message.payloadlen)};
  record.qos = static_cast<std::uint8_t>(message.qos);
  record.retain = message.retain;
  append_capture_line(record, file_.buffer());
  file_.written();
  ++result_.messages;
}

void Recorder::report() {
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  progress_.show(fmt::format("{:.0f} s: {} messages, {:.1f} MB", seconds, result_.messages,
                             static_cast<double>(file_.bytes()) / 1e6));
}

}  // namespace sluice
