#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

enum class Transport { kTcp, kTls, kWebSocket, kWebSocketTls, kUnixSocket };

/// Where a broker is, taken apart (contract 1.3).
///
/// Thread: immutable.
struct BrokerUrl {
  Transport transport = Transport::kTcp;
  /// As it stands in the mapped URL: `tcp` for mqtt://, `ssl` for mqtts://, anything else as
  /// written.
  std::string scheme;
  /// Without the brackets of an IPv6 address. Empty for a unix socket.
  std::string host;
  /// 1 to 65535; 0 for a unix socket. 80 and 443 where a ws:// or wss:// URL names none.
  std::uint16_t port = 0;
  /// ws and wss: the request path with its query, "" if the URL has none. Unix socket: its file.
  std::string path;
  /// User-info of the URL, percent-decoded. What stands here goes before the source's `username`
  /// and `password`.
  std::optional<std::string> user;
  std::optional<std::string> password;
  /// See display().
  std::string mapped_and_masked;

  /// The mapped URL with its user-info masked (deviation D20): what logs, metrics and the stats
  /// file show.
  [[nodiscard]] const std::string& display() const noexcept { return mapped_and_masked; }
  [[nodiscard]] bool uses_tls() const noexcept {
    return transport == Transport::kTls || transport == Transport::kWebSocketTls;
  }

  bool operator==(const BrokerUrl&) const = default;
};

/// A URL, or what is wrong with the text: `error` is empty exactly if `url` is usable. The error
/// never repeats the text, which may hold a password.
struct BrokerUrlResult {
  BrokerUrl url;
  std::string error;
};

/// Parses what an operator wrote under `broker`: mqtt:// becomes tcp://, mqtts:// becomes ssl://;
/// without `://` tcp:// is assumed, and a leading `:` stands for 127.0.0.1.
[[nodiscard]] BrokerUrlResult parse_broker_url(std::string_view text);

/// `text` with whatever stands before the last `@` of its authority replaced by `***`. Works on any
/// text, also on what is no URL at all.
[[nodiscard]] std::string mask_user_info(std::string_view text);

}  // namespace sluice
