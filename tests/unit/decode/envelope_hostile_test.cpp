// Whatever arrives, the parser answers; what it takes for a packet or a status is text that can be
// stored. Under the sanitizers this is where over-reads would show.

#include <array>
#include <cmath>
#include <random>
#include <string>

#include "envelope_fixture.h"

namespace sluice {
namespace {

constexpr std::array<std::string_view, 6> kTopics = {"meshcore/SJC/AB12/packets",
                                                     "meshcore/SJC/AB12/status",
                                                     "meshcore/message/channel/0",
                                                     "meshcore/client/ab/packets",
                                                     "meshcore",
                                                     "\xFF/\0/x/status"};

constexpr std::array<std::string_view, 3> kRecords = {
    R"({"origin":"Hill \u00e9\ud83d\ude00","timestamp":"2026-06-09T12:00:00.123456+00:00",)"
    R"("direction":"tx","len":"4","raw":"15 02 10 20","SNR":"9 dB","RSSI":-87.5,)"
    R"("score":18446744073709551616,"hash":"E33490EF7C14B041","decoded":{"a":[1,{"b":null}]}})",
    R"({"status":"online","origin":"x","model":"y","repeat":"on","stats":{"battery_mv":4123,)"
    R"("noise_floor":-117.5,"uptime_secs":"1e3"},"radio":"869.618,62.5,8,8"})",
    R"({"text":"Al: hi","raw":null})"};

class EnvelopeHostile : public EnvelopeFixture {
 protected:
  void check(std::string_view topic, std::string_view payload) {
    Arena arena(256);
    const Envelope envelope = parser_.parse(source_, topic, PaddedText(payload).view(), arena);
    if (const auto* report = std::get_if<PacketReport>(&envelope)) {
      EXPECT_TRUE(std::isfinite(report->snr.value_or(0)));
      EXPECT_TRUE(std::isfinite(report->rssi.value_or(0)));
      EXPECT_LE(report->raw.size(), 3 * payload.size());  // U+FFFD for a byte
      bytes_ += report->raw.size() + report->origin.size() + report->timestamp.size();
    } else if (const auto* said = std::get_if<StatusReport>(&envelope)) {
      EXPECT_TRUE(std::isfinite(said->noise_floor.value_or(0)));
      bytes_ += said->name.size() + said->model.value_or("").size();
    } else if (const auto* message = std::get_if<CompanionMessage>(&envelope)) {
      EXPECT_FALSE(message->text.empty());
      bytes_ += message->decoded_json.size() + message->channel.size();
    } else if (const auto* heard = std::get_if<ClientReport>(&envelope)) {
      EXPECT_LE(std::abs(heard->lat), 90);
      EXPECT_LE(std::abs(heard->lon), 180);
      bytes_ += heard->rx_pubkey.size() + heard->raw.size();
    } else {
      EXPECT_NE(std::get<RejectReason>(envelope), RejectReason::kNone);
    }
  }

  template <typename T>
  T below(T limit) {
    return static_cast<T>(random_() % static_cast<std::uint64_t>(limit));
  }

  EnvelopeParser parser_{rules_};
  std::mt19937_64 random_{20260609};
  std::size_t bytes_ = 0;
};

TEST_F(EnvelopeHostile, AnswersToRandomBytes) {
  for (int i = 0; i < 20'000; ++i) {
    std::string payload(below(200U), ' ');
    for (char& c : payload) c = static_cast<char>(random_());
    check(kTopics[below(kTopics.size())], payload);
    check(kTopics[below(kTopics.size())], "{\"raw\":\"" + payload + "\"}");
  }
}

TEST_F(EnvelopeHostile, AnswersToSoupOfTokens) {
  constexpr std::array<std::string_view, 24> kTokens = {"{",
                                                        "}",
                                                        "[",
                                                        "]",
                                                        ",",
                                                        ":",
                                                        "\"raw\"",
                                                        "\"SNR\"",
                                                        "\"",
                                                        "\\",
                                                        "\\ud83d",
                                                        "\\udc00",
                                                        "\xFF",
                                                        "null",
                                                        "true",
                                                        "1e999",
                                                        "99999999999999999999",
                                                        "-0",
                                                        "\"stats\"",
                                                        "\"repeat\"",
                                                        " ",
                                                        "\n",
                                                        "\"15\"",
                                                        "\0"};
  for (int i = 0; i < 20'000; ++i) {
    std::string payload = "{";
    for (auto n = below(30U); n > 0; --n) payload += kTokens[below(kTokens.size())];
    check(kTopics[below(kTopics.size())], payload);
    check(kTopics[below(kTopics.size())], payload + "}");
  }
}

TEST_F(EnvelopeHostile, AnswersToRecordsWithBytesChanged) {
  for (const std::string_view record : kRecords) {
    for (int i = 0; i < 20'000; ++i) {
      std::string payload(record);
      for (auto n = 1 + below(3U); n > 0; --n) {
        payload[below(payload.size())] = static_cast<char>(random_());
      }
      check(kTopics[below(kTopics.size())], payload);
    }
  }
}

TEST_F(EnvelopeHostile, AnswersToRecordsCutAnywhere) {
  for (const std::string_view record : kRecords) {
    for (std::size_t size = 0; size <= record.size(); ++size) {
      for (const std::string_view topic : kTopics) check(topic, record.substr(0, size));
    }
  }
}

}  // namespace
}  // namespace sluice
