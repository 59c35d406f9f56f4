#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {

/// Where a broker is: `mqtt://[user[:password]@]host[:port]`, `mqtts://` for TLS. `tcp://` and
/// `ssl://` mean the same, no scheme means `mqtt://`; the ports are 1883 and 8883 unless given.
struct BrokerUrl {
  std::string host;  ///< without the brackets of an IPv6 address
  std::uint16_t port = 1883;
  bool tls = false;
  std::string username;
  std::string password;

  /// Nothing when the text is not such a URL; `error` then says why.
  [[nodiscard]] static std::optional<BrokerUrl> parse(std::string_view text, std::string& error);
};

/// True when every address that the host has is this machine's loopback. Asks the resolver; a host
/// that has no address is not loopback.
[[nodiscard]] bool is_loopback(const std::string& host);

}  // namespace sluice
