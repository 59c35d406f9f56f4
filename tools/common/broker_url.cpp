#include "broker_url.h"

#include <charconv>
#include <memory>

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>

namespace sluice {
namespace {

/// Takes the scheme off `text`.
bool take_scheme(std::string_view& text, BrokerUrl& url, std::string& error) {
  const std::size_t mark = text.find("://");
  if (mark == std::string_view::npos) return true;
  const std::string_view scheme = text.substr(0, mark);
  text.remove_prefix(mark + 3);
  if (scheme == "mqtts" || scheme == "ssl" || scheme == "tls") {
    url.tls = true;
    url.port = 8883;
    return true;
  }
  if (scheme == "mqtt" || scheme == "tcp") return true;
  error = fmt::format("'{}' is not a scheme this tool speaks (mqtt, mqtts)", scheme);
  return false;
}

void take_login(std::string_view& text, BrokerUrl& url) {
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos) return;
  const std::string_view login = text.substr(0, at);
  text.remove_prefix(at + 1);
  const std::size_t colon = login.find(':');
  url.username = login.substr(0, colon);
  if (colon != std::string_view::npos) url.password = login.substr(colon + 1);
}

bool take_port(std::string_view text, BrokerUrl& url, std::string& error) {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), url.port);
  if (parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size() && url.port != 0) {
    return true;
  }
  error = fmt::format("'{}' is not a port", text);
  return false;
}

bool is_loopback(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    const auto& in = reinterpret_cast<const sockaddr_in&>(address);
    return ntohl(in.sin_addr.s_addr) >> 24 == 127;
  }
  if (address.sa_family == AF_INET6) {
    const auto& in = reinterpret_cast<const sockaddr_in6&>(address);
    if (IN6_IS_ADDR_V4MAPPED(&in.sin6_addr)) return in.sin6_addr.s6_addr[12] == 127;
    return IN6_IS_ADDR_LOOPBACK(&in.sin6_addr) != 0;
  }
  return false;
}

}  // namespace

std::optional<BrokerUrl> BrokerUrl::parse(std::string_view text, std::string& error) {
  BrokerUrl url;
  if (!take_scheme(text, url, error)) return std::nullopt;
  if (text.ends_with('/')) text.remove_suffix(1);
  take_login(text, url);
  std::size_t colon = text.rfind(':');
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) {
      error = "the bracket of the IPv6 address is not closed";
      return std::nullopt;
    }
    url.host = text.substr(1, close - 1);
    colon = close + 1 < text.size() ? close + 1 : std::string_view::npos;
    if (colon != std::string_view::npos && text[colon] != ':') {
      error = "something other than a port follows the address";
      return std::nullopt;
    }
  } else {
    url.host = text.substr(0, colon);
  }
  if (url.host.empty() || url.host.find('/') != std::string::npos) {
    error = "the URL names no host, or more than a host";
    return std::nullopt;
  }
  if (colon != std::string_view::npos && !take_port(text.substr(colon + 1), url, error)) {
    return std::nullopt;
  }
  return url;
}

bool is_loopback(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return false;
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> addresses(found, &::freeaddrinfo);
  for (const addrinfo* it = found; it != nullptr; it = it->ai_next) {
    if (!is_loopback(*it->ai_addr)) return false;
  }
  return found != nullptr;
}

}  // namespace sluice
