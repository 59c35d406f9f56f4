#include "config/broker_url.h"

#include <array>
#include <charconv>

#include "base/hex.h"
#include "base/text.h"

namespace sluice {
namespace {

constexpr std::string_view kMask = "***";
constexpr std::string_view kSchemeEnd = "://";

struct Scheme {
  std::string_view name;
  Transport transport;
};

constexpr std::array<Scheme, 10> kSchemes{{
    {"tcp", Transport::kTcp},
    {"mqtt", Transport::kTcp},
    {"ssl", Transport::kTls},
    {"tls", Transport::kTls},
    {"tcps", Transport::kTls},
    {"mqtts", Transport::kTls},
    {"mqtt+ssl", Transport::kTls},
    {"ws", Transport::kWebSocket},
    {"wss", Transport::kWebSocketTls},
    {"unix", Transport::kUnixSocket},
}};

std::optional<Transport> transport_of(std::string_view scheme) {
  for (const Scheme& known : kSchemes)
    if (equal_ignoring_case(known.name, scheme)) return known.transport;
  return std::nullopt;
}

/// Contract 1.3: the two spellings MQTT users know become the ones the Go ingestor's library shows;
/// only lower case is mapped.
std::string map_scheme(std::string_view text) {
  if (text.starts_with(':')) return "tcp://127.0.0.1" + std::string(text);
  if (text.starts_with("mqtt://")) return "tcp" + std::string(text.substr(4));
  if (text.starts_with("mqtts://")) return "ssl" + std::string(text.substr(5));
  if (text.find(kSchemeEnd) == std::string_view::npos) return "tcp://" + std::string(text);
  return std::string(text);
}

/// A `%` that no two hex digits follow stands for itself.
std::string percent_decoded(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      const int high = hex_digit_value(text[i + 1]);
      const int low = hex_digit_value(text[i + 2]);
      if (high >= 0 && low >= 0) {
        result += static_cast<char>(high * 16 + low);
        i += 2;
        continue;
      }
    }
    result += text[i];
  }
  return result;
}

void take_user_info(std::string_view user_info, BrokerUrl& url) {
  const std::size_t colon = user_info.find(':');
  url.user = percent_decoded(user_info.substr(0, colon));
  if (colon != std::string_view::npos) url.password = percent_decoded(user_info.substr(colon + 1));
}

/// Returns what is wrong, "" if nothing is.
std::string take_port(std::string_view text, BrokerUrl& url) {
  if (text.empty()) {
    if (url.transport == Transport::kWebSocket) url.port = 80;
    if (url.transport == Transport::kWebSocketTls) url.port = 443;
    return url.port != 0 ? "" : "the port is missing";
  }
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, url.port);
  if (error != std::errc{} || stop != end || url.port == 0) return "the port is not 1 to 65535";
  return "";
}

/// Splits `host`, `host:port`, `[v6]`, `[v6]:port`. Returns what is wrong, "" if nothing is.
std::string take_host_and_port(std::string_view text, BrokerUrl& url) {
  std::string_view port;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return "the bracket of the address is not closed";
    url.host = percent_decoded(text.substr(1, close - 1));
    port = text.substr(close + 1);
    if (!port.empty() && port.front() != ':') return "something other than a port follows ]";
    if (!port.empty()) port.remove_prefix(1);
  } else {
    const std::size_t colon = text.find(':');
    if (colon != text.rfind(':')) return "an IPv6 address needs brackets";
    url.host = text.substr(0, colon);
    if (colon != std::string_view::npos) port = text.substr(colon + 1);
  }
  if (url.host.empty()) return "the host is missing";
  if (url.host.find_first_of(" \t\r\n<>\"") != std::string::npos)
    return "the host holds a character that no host has";
  return take_port(port, url);
}

}  // namespace

std::string mask_user_info(std::string_view text) {
  const std::size_t scheme_end = text.find(kSchemeEnd);
  const std::size_t start =
      scheme_end == std::string_view::npos ? 0 : scheme_end + kSchemeEnd.size();
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || at < start) return std::string(text);
  std::string result(text.substr(0, start));
  result += kMask;
  result += text.substr(at);
  return result;
}

BrokerUrlResult parse_broker_url(std::string_view text) {
  BrokerUrlResult result;
  BrokerUrl& url = result.url;
  const std::string_view stripped = trim_space(text);
  if (stripped.empty()) return {{}, "it is empty"};

  const std::string mapped = map_scheme(stripped);
  const std::size_t scheme_end = mapped.find(kSchemeEnd);
  url.scheme = mapped.substr(0, scheme_end);
  const std::optional<Transport> transport = transport_of(url.scheme);
  if (!transport) {
    return {{}, "the scheme is none of mqtt, mqtts, tcp, ssl, tls, tcps, mqtt+ssl, ws, wss, unix"};
  }
  url.transport = *transport;

  std::string_view rest = std::string_view(mapped).substr(scheme_end + kSchemeEnd.size());
  std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  std::string_view path = rest.substr(authority.size());
  const std::size_t at = authority.rfind('@');
  url.mapped_and_masked = mapped;
  if (at != std::string_view::npos) {
    take_user_info(authority.substr(0, at), url);
    authority.remove_prefix(at + 1);
    url.mapped_and_masked = url.scheme + std::string(kSchemeEnd) + std::string(kMask) + "@" +
                            std::string(authority) + std::string(path);
  }
  if (url.transport == Transport::kUnixSocket) {
    url.path = std::string(authority) + std::string(path);
    if (url.path.empty()) result.error = "the path of the socket is missing";
    return result;
  }
  result.error = take_host_and_port(authority, url);
  const bool web_socket =
      url.transport == Transport::kWebSocket || url.transport == Transport::kWebSocketTls;
  if (web_socket) url.path = path.substr(0, path.find('#'));
  return result;
}

}  // namespace sluice
