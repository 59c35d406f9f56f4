#include "receive/websocket_stream.h"

#include <cstring>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <type_traits>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/basic_stream.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include "receive/websocket_tunnel.h"

namespace sluice {
namespace {

namespace net = boost::asio;
namespace ssl = boost::asio::ssl;
namespace beast = boost::beast;
namespace http = boost::beast::http;
namespace websocket = boost::beast::websocket;

using net::ip::tcp;
using Tcp = beast::basic_stream<tcp, net::io_context::executor_type>;
using Tls = beast::ssl_stream<Tcp>;

constexpr const char* kSubprotocol = "mqtt";
constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

/// A request target must not end the request's line.
std::string target_of(const TunnelOptions& options) {
  std::string target = options.path.starts_with('/') ? "" : "/";
  for (const char c : options.path) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7f)
      target += c;
    else
      target += fmt::format("%{:02X}", byte);
  }
  return target;
}

std::string host_header_of(const TunnelOptions& options) {
  const bool is_ipv6 = options.host.find(':') != std::string::npos;
  std::string host = is_ipv6 ? "[" + options.host + "]" : options.host;
  if (options.port != (options.tls ? kHttpsPort : kHttpPort))
    host += ":" + std::to_string(options.port);
  return host;
}

std::string printable(std::string_view text) {
  std::string result;
  for (const char c : text) result += c >= 0x20 && c < 0x7f ? c : '?';
  return result;
}

bool is_address(const std::string& host) {
  boost::system::error_code error;
  net::ip::make_address(host, error);
  return !error;
}

void require(const boost::system::error_code& error, const std::string& what) {
  if (error) throw std::runtime_error(what + ": " + error.message());
}

ssl::context make_tls_context(const TunnelOptions& options) {
  ssl::context context(ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  context.set_verify_mode(options.verify_tls ? ssl::verify_peer : ssl::verify_none);
  boost::system::error_code error;
  // Or the library would ask at the terminal.
  context.set_password_callback(
      [](std::size_t, ssl::context::password_purpose) { return std::string(); }, error);
  require(error, "TLS");
  if (options.ca_file.empty()) {
    context.set_default_verify_paths(error);
    require(error, "the system's certificate authorities");
  } else {
    context.load_verify_file(options.ca_file, error);
    require(error, "certificate authorities in " + options.ca_file);
  }
  if (!options.certificate_file.empty()) {
    context.use_certificate_chain_file(options.certificate_file, error);
    require(error, "client certificate " + options.certificate_file);
    const std::string& key = options.key_file.empty() ? options.certificate_file : options.key_file;
    context.use_private_key_file(key, ssl::context::pem, error);
    require(error, "client key " + key);
  }
  return context;
}

/// Whom we expect, and for whom we ask where many share an address.
void expect_host(SSL* connection, const std::string& host) {
  X509_VERIFY_PARAM* const expected = SSL_get0_param(connection);
  if (is_address(host)) {
    X509_VERIFY_PARAM_set1_ip_asc(expected, host.c_str());
    return;
  }
  X509_VERIFY_PARAM_set1_host(expected, host.c_str(), host.size());
  SSL_set_tlsext_host_name(connection, host.c_str());
}

template <typename Transport>
class BeastStream final : public WebSocketStream {
  static constexpr bool kTls = std::is_same_v<Transport, Tls>;

 public:
  BeastStream(net::io_context& context, const TunnelOptions& options) requires(!kTls)
      : options_(options), ws_(context.get_executor()) {
    set_up();
  }
  BeastStream(net::io_context& context, const TunnelOptions& options) requires kTls
      : options_(options),
        tls_(make_tls_context(options)),
        ws_(context.get_executor(), *tls_) {
    expect_host(ws_.next_layer().native_handle(), options.host);
    set_up();
  }

  void connect(const HostAddress& address, std::chrono::milliseconds limit, Done done) override {
    Tcp& socket = beast::get_lowest_layer(ws_);
    tcp::endpoint endpoint;
    endpoint.resize(address.size);
    std::memcpy(endpoint.data(), &address.bytes, address.size);
    socket.expires_after(limit);
    socket.async_connect(endpoint, [this, done = std::move(done)](Error error) {
      Tcp& connected = beast::get_lowest_layer(ws_);
      connected.expires_never();
      Error ignored;
      if (!error) connected.socket().set_option(tcp::no_delay(true), ignored);
      done(error);
    });
  }

  void secure(Done done) override {
    if constexpr (kTls)
      ws_.next_layer().async_handshake(ssl::stream_base::client, std::move(done));
    else
      done({});
  }

  void upgrade(Done done) override {
    ws_.async_handshake(response_, host_header_of(options_), target_of(options_),
                        [this, done = std::move(done)](Error error) {
                          const beast::string_view protocol =
                              response_[http::field::sec_websocket_protocol];
                          if (!error && protocol != kSubprotocol) {
                            no_subprotocol_ = true;
                            error = websocket::error::upgrade_declined;
                          }
                          done(error);
                        });
  }

  void read_some(net::mutable_buffer into, DoneBytes done) override {
    ws_.async_read_some(into, [this, done = std::move(done)](Error error, std::size_t count) {
      if (!error && ws_.got_text()) {
        got_text_ = true;
        error = websocket::error::bad_opcode;
        count = 0;
      }
      done(error, count);
    });
  }

  void write(net::const_buffer bytes, DoneBytes done) override {
    ws_.async_write(bytes, std::move(done));
  }

  void close(Done done) override {
    ws_.async_close(websocket::close_code::normal, std::move(done));
  }

  [[nodiscard]] std::string problem_text(Error error) override {
    if (no_subprotocol_) return "the server takes the WebSocket, but not for MQTT (no subprotocol)";
    if (got_text_) return "the server sends text frames; MQTT comes in binary ones";
    if (error == beast::error::timeout) return "no answer from this address";
    if (error == websocket::error::upgrade_declined) return declined_text();
    if (error == websocket::error::closed) return closed_text();
    if (error == net::error::eof || error == http::error::end_of_stream ||
        error == http::error::partial_message || error == ssl::error::stream_truncated)
      return "the server closed the connection";
    if (error.category() == net::error::get_ssl_category()) return tls_text(error);
    const Error as_http = make_error_code(http::error::end_of_stream);
    if (error.category() == as_http.category())
      return "what answers does not speak HTTP (" + error.message() + ")";
    const Error as_websocket = make_error_code(websocket::error::closed);
    if (error.category() == as_websocket.category())
      return "broken WebSocket frame (" + error.message() + ")";
    return error.message();
  }

 private:
  void set_up() {
    ws_.binary(true);
    ws_.auto_fragment(false);
    ws_.read_message_max(0);  // a message is only a piece of the stream
    ws_.set_option(websocket::stream_base::decorator([](websocket::request_type& request) {
      request.set(http::field::sec_websocket_protocol, kSubprotocol);
      request.set(http::field::user_agent, "sluice");
    }));
  }

  [[nodiscard]] std::string declined_text() const {
    const unsigned status = response_.result_int();
    const auto name = http::obsolete_reason(http::int_to_status(status));
    return fmt::format("HTTP {} ({}) instead of a WebSocket", status,
                       std::string_view(name.data(), name.size()));
  }

  [[nodiscard]] std::string closed_text() const {
    const websocket::close_reason& reason = ws_.reason();
    std::string text = fmt::format("the server closed the WebSocket (code {}", reason.code);
    if (!reason.reason.empty())
      text += ": " + printable({reason.reason.data(), reason.reason.size()});
    return text + ")";
  }

  [[nodiscard]] std::string tls_text(Error error) {
    if constexpr (kTls) {
      const long verdict = SSL_get_verify_result(ws_.next_layer().native_handle());
      if (options_.verify_tls && verdict != X509_V_OK)
        return std::string("TLS: the certificate is not valid here: ") +
               X509_verify_cert_error_string(verdict);
    }
    return "TLS: " + error.message();
  }

  const TunnelOptions options_;
  std::optional<ssl::context> tls_;
  websocket::stream<Transport, false> ws_;
  websocket::response_type response_;
  bool no_subprotocol_ = false;
  bool got_text_ = false;
};

}  // namespace

std::unique_ptr<WebSocketStream> make_websocket_stream(net::io_context& context,
                                                       const TunnelOptions& options) {
  if (options.tls) return std::make_unique<BeastStream<Tls>>(context, options);
  return std::make_unique<BeastStream<Tcp>>(context, options);
}

}  // namespace sluice
