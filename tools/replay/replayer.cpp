#include "replayer.h"

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <thread>

#include <fmt/format.h>

#include "stop_signal.h"

namespace sluice {
namespace {

using std::chrono::duration;

/// Between two looks at the sockets when there is no pace to keep.
constexpr std::uint64_t kBatch = 64;
constexpr std::chrono::milliseconds kRetryPause{500};

/// FNV-1a: any even spread will do, and this one is the same on every machine.
std::uint64_t topic_hash(std::string_view topic) {
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (const char c : topic) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  return hash ^ hash >> 32;
}

}  // namespace

Replayer::Replayer(const ReplayOptions& options, RecordSource& source)
    : options_(options),
      source_(source),
      polls_(options.connections),
      progress_(std::chrono::seconds(10), options.quiet) {
  for (unsigned i = 0; i < options.connections; ++i) {
    connections_.push_back(std::make_unique<PublishConnection>(options.login, i));
  }
}

ReplayResult Replayer::run() {
  for (const auto& connection : connections_) connection->connect();
  start_ = last_report_ = Clock::now();
  next_tick_ = start_ + std::chrono::seconds(1);
  try {
    publish_all();
    prove_all();
  } catch (const std::exception& e) {
    result_.fault = e.what();
  }
  result_.took = Clock::now() - start_;
  for (const auto& connection : connections_) connection->session().disconnect();
  progress_.clear();
  result_.interrupted = stop_requested();
  result_.records = source_.records();
  result_.bad_lines = source_.bad_lines();
  result_.counts = totals();
  return result_;
}

void Replayer::publish_all() {
  CaptureRecord record;
  while (!stop_requested() && source_.next(record)) {
    const Clock::time_point due = start_ + options_.pacer.due(given_, record.offset);
    PublishConnection& connection = connection_of(record.topic);
    if (given_ % kBatch == 0 || due > Clock::now()) drive(std::min(due, Clock::now()));
    while (!stop_requested() && (Clock::now() < due || !connection.has_room())) {
      drive(connection.has_room() ? due : Clock::time_point::max());
    }
    if (due > start_) {
      result_.most_late = std::max(result_.most_late, duration<double>(Clock::now() - due));
    }
    publish(record);
    source_.note_given();
  }
  result_.giving = Clock::now() - start_;
}

void Replayer::publish(const CaptureRecord& record) {
  topic_.assign(options_.topic_prefix).append(record.topic);
  PublishConnection& connection = connection_of(record.topic);
  const int qos = options_.qos >= 0 ? options_.qos : record.qos;
  connection.publish(topic_.c_str(), record.payload, qos, record.retain && options_.keep_retain);
  ++given_;
  result_.payload_bytes += record.payload.size();
}

/// Leaves only when the broker has answered, on every connection, for the last message too.
void Replayer::prove_all() {
  const Clock::time_point deadline = Clock::now() + options_.patience;
  const auto open = [](const auto& connection) { return !connection->settled(); };
  while (std::any_of(connections_.begin(), connections_.end(), open)) {
    if (Clock::now() > deadline) {
      throw std::runtime_error("the broker did not answer for everything in time");
    }
    for (const auto& connection : connections_) connection->ask_proof();
    drive(Clock::now() + std::chrono::milliseconds(100));
  }
}

void Replayer::drive(Clock::time_point until) {
  tick();
  for (std::size_t i = 0; i < connections_.size(); ++i) {
    MqttSession& session = connections_[i]->session();
    polls_[i] = {session.socket(),
                 static_cast<short>(session.wants_write() ? POLLIN | POLLOUT : POLLIN), 0};
  }
  const auto wait = std::clamp<std::chrono::nanoseconds>(
      until - Clock::now(), std::chrono::nanoseconds(0), next_tick_ - Clock::now());
  const std::int64_t ns = std::max<std::int64_t>(wait.count(), 0);
  const timespec timeout{ns / 1'000'000'000, ns % 1'000'000'000};
  const int ready = ::ppoll(polls_.data(), polls_.size(), &timeout, nullptr);
  if (ready < 0 && errno != EINTR) {
    throw std::system_error(errno, std::generic_category(), "poll");
  }
  if (ready <= 0) return;
  for (std::size_t i = 0; i < connections_.size(); ++i) serve(*connections_[i], polls_[i].revents);
}

void Replayer::serve(PublishConnection& connection, short events) {
  bool alive = true;
  if ((events & POLLOUT) != 0) alive = connection.session().write_ready();
  if (alive && (events & ~POLLOUT) != 0) alive = connection.session().read_ready();
  if (!alive) reconnect(connection);
}

void Replayer::reconnect(PublishConnection& connection) {
  fmt::print(stderr, "connection lost: {}\n", connection.session().lost_because());
  connection.note_loss();
  const Clock::time_point deadline = Clock::now() + options_.patience;
  while (true) {
    try {
      connection.connect();
      return;
    } catch (const std::runtime_error&) {
      if (stop_requested() || Clock::now() > deadline) throw;
    }
    std::this_thread::sleep_for(kRetryPause);
  }
}

void Replayer::tick() {
  const Clock::time_point now = Clock::now();
  if (now < next_tick_) return;
  next_tick_ = now + std::chrono::seconds(1);
  for (const auto& connection : connections_) {
    if (!connection->session().tick()) reconnect(*connection);
    connection->ask_proof();  // so that a loss later leaves little in doubt
  }
  if (progress_.due()) report();
}

void Replayer::report() {
  const Clock::time_point now = Clock::now();
  const double seconds = duration<double>(now - last_report_).count();
  const PublishCounts counts = totals();
  progress_.show(fmt::format("{:.0f} s: {} messages, {:.0f}/s, {} acknowledged, {} failed",
                             duration<double>(now - start_).count(), given_,
                             static_cast<double>(given_ - given_at_report_) / seconds,
                             counts.acknowledged, counts.failed + counts.uncertain));
  last_report_ = now;
  given_at_report_ = given_;
}

PublishCounts Replayer::totals() const {
  PublishCounts sum;
  for (const auto& connection : connections_) sum += connection->counts();
  return sum;
}

PublishConnection& Replayer::connection_of(std::string_view topic) {
  if (connections_.size() == 1) return *connections_.front();
  return *connections_[topic_hash(topic) % connections_.size()];
}

}  // namespace sluice
