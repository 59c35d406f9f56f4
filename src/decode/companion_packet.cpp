#include "decode/companion_packet.h"

#include <span>

#include "base/timestamp_text.h"
#include "packet/frame.h"
#include "packet/payload_decoder.h"

namespace sluice {

std::uint64_t CompanionHasher::hash(const CompanionMessage& message, WallTime received) {
  constexpr std::size_t kChannelPrefix = 2;  // `ch`
  words_.clear();
  if (message.direct) {
    words_ += "dm:";
  } else {
    words_ += "ch:";
    words_ += message.channel.substr(kChannelPrefix);
    words_ += ':';
  }
  words_ += message.text;
  words_ += ':';
  words_ += TimestampText(received).view();
  const auto bytes = std::as_bytes(std::span(words_));
  const Sha256::Digest digest =
      sha_.digest({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i) value = value << 8U | digest[i];
  return value;
}

Packet make_companion_packet(const CompanionMessage& message, WallTime received,
                             CompanionHasher& hasher) {
  auto facts = std::make_shared<TransmissionFacts>();
  facts->decoded_json = message.decoded_json;
  if (!message.direct) facts->channel_hash = message.channel;

  Packet packet;
  packet.report = message.reception;
  packet.report.origin = message.sender;
  packet.content_hash = hasher.hash(message, received);
  packet.path_json = "[]";
  packet.route_type = static_cast<std::uint8_t>(RouteType::kFlood);
  packet.payload_type = static_cast<std::uint8_t>(message.direct ? PayloadType::kTextMessage
                                                                 : PayloadType::kGroupText);
  packet.links_observer_only = true;
  packet.facts = std::move(facts);
  return packet;
}

}  // namespace sluice
