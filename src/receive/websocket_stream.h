#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/system/error_code.hpp>

#include "receive/name_lookup.h"

namespace sluice {

struct TunnelOptions;

/// A WebSocket client connection for MQTT, over TCP or TLS: Boost.Beast behind an interface that is
/// quick to compile. Offers no compression, so a compressed frame is an error like any other broken
/// frame; answers pings. No message is gathered: one may be of any size and come in any number of
/// frames.
///
/// At most one read and one write may be under way, plus a close.
///
/// Thread: bound to the one that runs the io_context, which also calls back. What an error means:
/// problem_text().
class WebSocketStream {
 public:
  using Error = boost::system::error_code;
  using Done = std::function<void(Error)>;
  using DoneBytes = std::function<void(Error, std::size_t)>;

  virtual ~WebSocketStream() = default;

  /// To one address; a further one may be tried after a failure.
  virtual void connect(const HostAddress& address, std::chrono::milliseconds limit, Done done) = 0;
  /// The TLS handshake, with certificates checked as the options say; nothing without TLS.
  virtual void secure(Done done) = 0;
  /// The HTTP handshake, at most 8 KiB of headers.
  virtual void upgrade(Done done) = 0;
  /// Some bytes of the next binary frame; 0 are no error.
  virtual void read_some(boost::asio::mutable_buffer into, DoneBytes done) = 0;
  /// One binary message.
  virtual void write(boost::asio::const_buffer bytes, DoneBytes done) = 0;
  /// Says goodbye and waits for the answer.
  virtual void close(Done done) = 0;

  /// For people: why the operation that just failed did. Never holds bytes of the peer other than
  /// printable ASCII.
  [[nodiscard]] virtual std::string problem_text(Error error) = 0;
};

/// Throws std::runtime_error, for people, when a certificate file can't be used.
[[nodiscard]] std::unique_ptr<WebSocketStream> make_websocket_stream(
    boost::asio::io_context& context, const TunnelOptions& options);

}  // namespace sluice
