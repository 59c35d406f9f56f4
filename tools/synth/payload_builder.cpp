#include "payload_builder.h"

#include <algorithm>

#include "names.h"

namespace sluice {
namespace {

constexpr std::size_t kAdvertDataMax = 32;
constexpr std::size_t kTextMax = 160;

struct TypeShare {
  PayloadType type;
  std::uint32_t permille;
};

/// What a few weeks of a busy network look like, by transmission.
constexpr TypeShare kShares[] = {
    {PayloadType::kGroupText, 260},   {PayloadType::kAdvert, 180},
    {PayloadType::kTextMessage, 140}, {PayloadType::kRequest, 100},
    {PayloadType::kResponse, 80},     {PayloadType::kAck, 75},
    {PayloadType::kPath, 70},         {PayloadType::kAnonRequest, 30},
    {PayloadType::kTrace, 25},        {PayloadType::kGroupData, 15},
    {PayloadType::kControl, 11},      {PayloadType::kMultipart, 9},
    {PayloadType::kRawCustom, 4},     {PayloadType::kReserved12, 1},
};

PayloadType random_type(Rng& rng) {
  std::uint32_t draw = rng.below(1000);
  for (const TypeShare& share : kShares) {
    if (draw < share.permille) return share.type;
    draw -= share.permille;
  }
  return PayloadType::kReserved12;
}

void ack_bytes(Rng& rng, FrameBytes& out) {
  out.random(4, rng);
  if (rng.permille(500)) return;
  out.u8(rng.permille(900) ? 0 : rng.below(4));
  out.random(1, rng);
}

void advert_data(Rng& rng, const MeshNode& sender, FrameBytes& out) {
  const bool located = sender.role != NodeRole::kChat || rng.permille(400);
  const bool unset = located && rng.permille(60);  // repeaters send 0,0 when nobody set a place
  const bool named = !rng.permille(10);
  const std::size_t start = out.size();
  out.u8(static_cast<unsigned>(sender.role) | (located ? 0x10U : 0U) | (named ? 0x80U : 0U));
  if (located) {
    out.u32(unset ? 0 : static_cast<std::uint32_t>(sender.lat_e6));
    out.u32(unset ? 0 : static_cast<std::uint32_t>(sender.lon_e6));
  }
  if (named) out.append(cut_utf8(sender.name, kAdvertDataMax - (out.size() - start)));
}

}  // namespace

void PayloadBuilder::build(Rng& rng, std::int64_t now, Transmission& out) const {
  const MeshNode& sender = rng.pick(network_.nodes);
  out.payload.clear();
  out.badly_signed = false;
  out.trace_hops = 0;
  out.type = random_type(rng);
  out.origin = sender.cell;
  out.hash_size = out.type == PayloadType::kTrace ? std::uint8_t{1} : sender.hash_size;
  body(rng, sender, static_cast<std::uint32_t>(now + sender.clock_error_s), out);
}

void PayloadBuilder::body(Rng& rng, const MeshNode& sender, std::uint32_t time,
                          Transmission& out) const {
  switch (out.type) {
    case PayloadType::kAdvert:
      return advert(rng, sender, time, out);
    case PayloadType::kGroupText:
      return group_text(rng, sender, time, out);
    case PayloadType::kGroupData:
      return group_data(rng, out);
    case PayloadType::kRequest:
      return sealed_pair(rng, sender, 1, out);
    case PayloadType::kResponse:
      return sealed_pair(rng, sender, 1 + rng.below(4), out);
    case PayloadType::kTextMessage:
    case PayloadType::kPath:
      return sealed_pair(rng, sender, 1 + rng.below(out.type == PayloadType::kPath ? 2 : 8), out);
    case PayloadType::kAnonRequest:
      return anonymous(rng, sender, out);
    case PayloadType::kTrace:
      return trace(rng, out);
    case PayloadType::kControl:
      return control(rng, sender, time, out);
    case PayloadType::kAck:
      return ack_bytes(rng, out.payload);
    case PayloadType::kMultipart:
      out.payload.u8(rng.below(3) << 4 | 3);
      return ack_bytes(rng, out.payload);
    case PayloadType::kRawCustom:
    case PayloadType::kReserved12:
    case PayloadType::kReserved13:
    case PayloadType::kReserved14:
      return out.payload.random(8 + rng.below(60), rng);
  }
}

/// Key, time, signature, data; the signature covers the other three (protocol B3, C6).
void PayloadBuilder::advert(Rng& rng, const MeshNode& sender, std::uint32_t time,
                            Transmission& out) const {
  FrameBytes data;
  advert_data(rng, sender, data);
  FrameBytes message;
  message.append(sender.identity.public_key());
  message.u32(time);
  FrameBytes& payload = out.payload;
  payload.append(message.view());
  message.append(data.view());
  sender.identity.sign(message.view(), payload);
  payload.append(data.view());
  out.badly_signed = rng.permille(25);
  if (out.badly_signed) payload[36 + rng.below(32)] ^= 0x40;  // in R, so S stays in range
}

const MeshChannel& PayloadBuilder::random_channel(Rng& rng) const {
  return rng.permille(450) ? network_.channels.front() : rng.pick(network_.channels);
}

/// Time, flags, "sender: text" (protocol B4).
void PayloadBuilder::group_text(Rng& rng, const MeshNode& sender, std::uint32_t time,
                                Transmission& out) const {
  FrameBytes plain;
  plain.u32(time);
  plain.u8(0);
  const std::string_view name = cut_utf8(sender.name, 40);
  const std::string text = make_message(rng, kTextMax - name.size() - 2);
  if (!rng.permille(20)) {
    plain.append(name);
    plain.append(": ");
  }
  plain.append(text);
  const MeshChannel& channel = random_channel(rng);
  out.payload.u8(channel.seal.hash_byte());
  channel.seal.seal(plain.view(), out.payload);
}

/// Kind, length, data (protocol B5).
void PayloadBuilder::group_data(Rng& rng, Transmission& out) const {
  FrameBytes plain;
  plain.u16(rng.permille(500) ? 0x0110 : 0xFF00 + rng.below(16));
  const std::uint32_t length = 1 + rng.below(60);
  plain.u8(length);
  plain.random(length, rng);
  const MeshChannel& channel = random_channel(rng);
  out.payload.u8(channel.seal.hash_byte());
  channel.seal.seal(plain.view(), out.payload);
}

/// Both ends' hash, MAC, ciphertext. Only the two ends could tell it from noise, so noise it is.
void PayloadBuilder::sealed_pair(Rng& rng, const MeshNode& sender, std::uint32_t blocks,
                                 Transmission& out) const {
  out.payload.u8(rng.pick(network_.nodes).identity.public_key()[0]);
  out.payload.u8(sender.identity.public_key()[0]);
  out.payload.random(2 + 16 * blocks, rng);
}

void PayloadBuilder::anonymous(Rng& rng, const MeshNode& sender, Transmission& out) const {
  out.payload.u8(rng.pick(network_.nodes).identity.public_key()[0]);
  out.payload.append(sender.identity.public_key());
  out.payload.random(2 + 16 * (1 + rng.below(2)), rng);
}

/// Tag, code, flags, the route to go (protocol B10).
void PayloadBuilder::trace(Rng& rng, Transmission& out) const {
  out.payload.random(8, rng);
  const std::uint32_t exponent = rng.permille(850) ? 0 : 1;
  out.payload.u8(exponent);
  out.trace_hops = static_cast<std::uint8_t>(1 + rng.below(5));
  Cell cell = out.origin;
  for (std::uint32_t hop = 0; hop < out.trace_hops; ++hop) {
    cell.x += rng.between(-2, 2);
    cell.y += rng.between(-2, 2);
    cell = network_.clamp(cell);
    const auto& key = network_.repeater_near(cell).identity.public_key();
    out.payload.append(std::span(key).first(std::size_t{1} << exponent));
  }
}

/// A search for neighbours or an answer to one (protocol B8).
void PayloadBuilder::control(Rng& rng, const MeshNode& sender, std::uint32_t time,
                             Transmission& out) const {
  FrameBytes& payload = out.payload;
  if (rng.permille(400)) {
    payload.u8(0x80 | rng.below(2));
    payload.u8(1U << rng.below(5));
    payload.random(4, rng);
    if (rng.permille(500)) payload.u32(time - 3600);
    return;
  }
  const bool prefix_only = rng.permille(300);
  payload.u8(0x90 | static_cast<unsigned>(sender.role));
  payload.u8(static_cast<std::uint8_t>(rng.between(-60, 50)));
  payload.random(4, rng);
  payload.append(std::span(sender.identity.public_key()).first(prefix_only ? 8U : 32U));
}

}  // namespace sluice
