#pragma once

#include <string>

namespace sluice::test {

/// Makes, with the openssl program, into this folder: an authority (`ca.crt`, `ca.key`), and
/// certificates that it has signed for `localhost` (`server.crt`, `server.key`) and for a client
/// (`client.crt`, `client.key`). False where that does not work; throws where there is no openssl.
[[nodiscard]] bool make_certificates(const std::string& folder);

}  // namespace sluice::test
