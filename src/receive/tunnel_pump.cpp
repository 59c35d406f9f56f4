#include "receive/tunnel_pump.h"

#include <exception>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <fmt/format.h>

namespace sluice {
namespace {

using namespace std::chrono_literals;
namespace net = boost::asio;

constexpr auto kLeastPerAddress = 500ms;
constexpr const char* kLibraryLeft = "the connection was given up";

}  // namespace

TunnelPump::TunnelPump(const TunnelOptions& options, int local, TunnelState& state)
    : options_(options),
      state_(state),
      context_(1),
      local_(context_, net::local::stream_protocol(), local),
      deadline_(context_) {
  mailbox_->pump = this;
}

TunnelPump::~TunnelPump() {
  const std::lock_guard lock(mailbox_->mutex);
  mailbox_->pump = nullptr;
}

void TunnelPump::run() noexcept {
  try {
    begin();
    context_.run();
  } catch (const std::exception& error) {
    state_.end(error.what());
  }
  Error ignored;
  local_.close(ignored);
}

void TunnelPump::leave() {
  net::post(context_, [this] {
    if (state_.step() != TunnelStep::kOpen || !end_reason_.empty()) return end(kLibraryLeft);
    limit_goodbye();  // what the library has written last is still to be read
  });
}

void TunnelPump::begin() {
  stream_ = make_websocket_stream(context_, options_);
  deadline_.expires_after(options_.connect_timeout);
  deadline_.async_wait([this](Error error) {
    if (!error && state_.step() != TunnelStep::kOpen) end(state_.trouble());
  });
  look_up(options_.host, options_.port, [mailbox = mailbox_](LookupAnswer answer) {
    const std::lock_guard lock(mailbox->mutex);
    TunnelPump* const pump = mailbox->pump;
    if (pump == nullptr) return;
    net::post(pump->context_, [pump, answer = std::move(answer)]() mutable {
      pump->try_addresses(std::move(answer));
    });
  });
}

void TunnelPump::try_addresses(LookupAnswer answer) {
  if (!answer.problem.empty()) return end(answer.problem);
  state_.enter(TunnelStep::kConnect);
  addresses_ = std::move(answer.addresses);
  try_next_address("");
}

void TunnelPump::try_next_address(const std::string& last_problem) {
  if (next_address_ == addresses_.size()) return end(last_problem);
  // One address that swallows everything must not use up the time of the others.
  const auto share = time_left() / static_cast<int>(addresses_.size() - next_address_);
  stream_->connect(addresses_[next_address_],
                   std::max<std::chrono::milliseconds>(share, kLeastPerAddress),
                   [this](Error error) {
                     if (!error) return shake_hands();
                     ++next_address_;
                     try_next_address(stream_->problem_text(error));
                   });
}

void TunnelPump::shake_hands() {
  state_.enter(TunnelStep::kSecure);
  stream_->secure([this](Error secured) {
    if (secured) return end(stream_->problem_text(secured));
    state_.enter(TunnelStep::kUpgrade);
    stream_->upgrade([this](Error upgraded) {
      if (upgraded) return end(stream_->problem_text(upgraded));
      open();
    });
  });
}

void TunnelPump::open() {
  deadline_.cancel();
  state_.enter(TunnelStep::kOpen);
  read_broker();
  read_library();
}

void TunnelPump::read_broker() {
  if (reading_broker_ || !end_reason_.empty() || towards_library_.full()) return;
  reading_broker_ = true;
  const auto room = towards_library_.free_part();
  stream_->read_some(net::buffer(room.data(), room.size()), [this](Error error, std::size_t count) {
    reading_broker_ = false;
    towards_library_.put(count);
    if (error) return end_after_flush(stream_->problem_text(error));
    arrived_since_plan_ = arrived_since_plan_ || count > 0;
    read_broker();
    plan_flush();
  });
}

/// Frames that one packet of the network has brought come one by one, each on its turn of the
/// context's queue. So writing waits, turn by turn, until a turn has brought nothing more: the
/// library then wakes up once for all of them.
void TunnelPump::plan_flush() {
  if (flush_planned_ || writing_library_) return;
  flush_planned_ = true;
  arrived_since_plan_ = false;
  net::post(context_, [this] {
    flush_planned_ = false;
    if (arrived_since_plan_ && reading_broker_) return plan_flush();
    flush_to_library();
  });
}

void TunnelPump::flush_to_library() {
  if (writing_library_) return;
  if (towards_library_.empty()) {
    if (!end_reason_.empty()) end(end_reason_);
    return;
  }
  writing_library_ = true;
  const auto bytes = towards_library_.used_part();
  local_.async_write_some(net::buffer(bytes.data(), bytes.size()),
                          [this](Error error, std::size_t count) {
                            writing_library_ = false;
                            if (error) return end(kLibraryLeft);
                            towards_library_.take(count);
                            read_broker();
                            flush_to_library();
                          });
}

void TunnelPump::read_library() {
  local_.async_read_some(net::buffer(towards_broker_), [this](Error error, std::size_t count) {
    if (error) return end_reason_.empty() ? say_goodbye() : end(end_reason_);
    stream_->write(net::buffer(towards_broker_.data(), count), [this](Error failed, std::size_t) {
      if (failed) return end_after_flush(stream_->problem_text(failed));
      read_library();
    });
  });
}

void TunnelPump::say_goodbye() {
  limit_goodbye();
  stream_->close([this](Error) { end(kLibraryLeft); });
}

void TunnelPump::limit_goodbye() {
  if (leaving_) return;
  leaving_ = true;
  deadline_.expires_after(options_.goodbye);
  deadline_.async_wait([this](Error error) {
    if (!error) end(kLibraryLeft);
  });
}

void TunnelPump::end_after_flush(std::string why) {
  if (!end_reason_.empty()) return;
  end_reason_ = std::move(why);
  if (leaving_) return end(end_reason_);
  flush_to_library();
}

void TunnelPump::end(const std::string& why) {
  state_.end(why);
  context_.stop();
}

std::chrono::milliseconds TunnelPump::time_left() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
      deadline_.expiry() - net::steady_timer::clock_type::now());
}

}  // namespace sluice
