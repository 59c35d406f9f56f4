#include "app/decode_command.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <unistd.h>

#include "app/exit_code.h"
#include "base/hex.h"
#include "packet/crypto/channel_keys.h"
#include "packet/crypto/key_derivation.h"
#include "packet/crypto/region_scope.h"
#include "packet/describe.h"
#include "packet/payload_decoder.h"

namespace sluice {
namespace {

constexpr const char* kPublicChannelKey =
    "8b3387e9c5cdea6ac9e5edbaa115cd72";  // known to everyone (protocol C1)

/// Nothing, with the reason on stderr, when the text is no NAME=HEX with a key of 16 or 32 bytes.
std::optional<ChannelSecret> parse_channel_key(const std::string& text) {
  const std::size_t equals = text.rfind('=');
  const std::string name = text.substr(0, equals);
  const std::string key = equals == std::string::npos ? "" : text.substr(equals + 1);
  const bool all_hex =
      std::all_of(key.begin(), key.end(), [](char c) { return hex_digit_value(c) >= 0; });
  if (name.empty() || !all_hex || (key.size() != 32 && key.size() != 64)) {
    // The text may hold a key, so it is not repeated.
    std::cerr << "--channel-key: expected NAME=HEX with 32 or 64 hex digits\n";
    return std::nullopt;
  }
  return ChannelSecret{.name = name, .key_hex = key};
}

std::optional<std::vector<ChannelSecret>> collect_secrets(const DecodeCommand& command) {
  std::vector<ChannelSecret> secrets{{.name = "Public", .key_hex = kPublicChannelKey}};
  for (const std::string& text : command.channel_keys) {
    auto secret = parse_channel_key(text);
    if (!secret) return std::nullopt;
    secrets.push_back(std::move(*secret));
  }
  for (const std::string& tag : command.hashtags) {
    const std::string name = with_hash_sign(tag);
    secrets.push_back({.name = name, .key_hex = key_hex_from_name(name)});
  }
  return secrets;
}

/// Prints packets one by one and remembers whether all were well-formed.
class Printer {
 public:
  Printer(const DecodeCommand& command, const std::vector<ChannelSecret>& secrets)
      : json_(command.json),
        colour_(!command.no_colour && isatty(STDOUT_FILENO) == 1 &&
                std::getenv("NO_COLOR") == nullptr),
        regions_(command.regions),
        decoder_(std::make_shared<const ChannelKeyRing>(secrets), true) {}

  /// False when standard output takes no more.
  [[nodiscard]] bool print(const std::string& raw) {
    if (json_) {
      std::cout << packet_as_json(raw, decoder_, &regions_) << '\n';
    } else {
      if (printed_any_) std::cout << '\n';
      std::cout << describe_packet(raw, decoder_, &regions_, colour_);
    }
    printed_any_ = true;
    all_well_formed_ = all_well_formed_ && describe_frame_error(raw).empty();
    return std::cout.good();
  }

  /// One packet per line; blank lines are none.
  [[nodiscard]] bool print_all_of(std::istream& input) {
    std::string line;
    while (std::getline(input, line)) {
      if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
      if (!print(line)) return false;
    }
    return true;
  }

  [[nodiscard]] bool all_well_formed() const { return all_well_formed_; }

 private:
  const bool json_;
  const bool colour_;
  const RegionKeys regions_;
  PayloadDecoder decoder_;
  bool printed_any_ = false;
  bool all_well_formed_ = true;
};

}  // namespace

int decode(const DecodeCommand& command) {
  const auto secrets = collect_secrets(command);
  if (!secrets) return kExitBadArguments;
  Printer printer(command, *secrets);
  const std::vector<std::string> only_input{"-"};
  for (const std::string& packet : command.packets.empty() ? only_input : command.packets) {
    if (!(packet == "-" ? printer.print_all_of(std::cin) : printer.print(packet))) break;
  }
  // A full disk shows when the last buffer leaves.
  if (!std::cout.flush()) {
    std::cerr << "cannot write to standard output\n";
    return kExitFatal;
  }
  return printer.all_well_formed() ? kExitDone : kExitFatal;
}

}  // namespace sluice
