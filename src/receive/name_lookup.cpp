#include "receive/name_lookup.h"

#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>
#include <thread>

#include <netdb.h>

namespace sluice {
namespace {

LookupAnswer ask(const std::string& host, std::uint16_t port, int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int rc = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  LookupAnswer answer;
  if (rc != 0) {
    answer.problem = "cannot resolve the name " + host + ": " +
                     (rc == EAI_SYSTEM ? std::system_category().message(errno) : gai_strerror(rc));
    return answer;
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(list, &freeaddrinfo);
  for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
    HostAddress& address = answer.addresses.emplace_back();
    std::memcpy(&address.bytes, entry->ai_addr, entry->ai_addrlen);
    address.size = entry->ai_addrlen;
  }
  if (answer.addresses.empty()) answer.problem = "the name " + host + " has no address";
  return answer;
}

}  // namespace

void look_up(const std::string& host, std::uint16_t port,
             const std::function<void(LookupAnswer)>& done) {
  LookupAnswer numeric = ask(host, port, AI_NUMERICHOST);
  if (numeric.problem.empty()) return done(std::move(numeric));
  // AI_ADDRCONFIG: no IPv6 addresses on a machine that has no IPv6.
  std::thread([host, port, done] { done(ask(host, port, AI_ADDRCONFIG)); }).detach();
}

LookupAnswer look_up_and_wait(const std::string& host, std::uint16_t port) {
  return ask(host, port, 0);
}

}  // namespace sluice
