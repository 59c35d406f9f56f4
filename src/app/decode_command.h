#pragma once

#include <string>
#include <vector>

namespace sluice {

struct DecodeCommand {
  std::vector<std::string> packets;       ///< hex texts; "-", or none = lines of standard input
  std::vector<std::string> channel_keys;  ///< NAME=HEX
  std::vector<std::string> hashtags;      ///< channel names whose key is derived from the name
  std::vector<std::string> regions;
  bool json = false;
  bool no_colour = false;
};

/// `sluice decode`: packets in words, or as JSON. Returns 0 when every packet was well-formed, 1
/// when one was not or the output could not be written, 2 when the arguments can't be used.
[[nodiscard]] int decode(const DecodeCommand& command);

}  // namespace sluice
