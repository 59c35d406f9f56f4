#include "receive/capture_format.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "receive/line_reader.h"

namespace sluice {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

/// A parser, and the padded copy of a line that it wants.
struct Parsed {
  explicit Parsed(std::string line) : text(std::move(line)) {
    const std::size_t size = text.size();
    text.append(LineReader::kPadding, '!');
    ok = parser.parse(std::string_view(text).substr(0, size), record, error);
  }

  std::string text;
  CaptureLineParser parser;
  CaptureRecord record;
  std::string error;
  bool ok;
};

std::string line_of(const CaptureRecord& record) {
  std::string out;
  append_capture_line(record, out);
  return out;
}

TEST(CaptureLineParser, ReadsEveryField) {
  const Parsed p(
      R"({"t_ms": 1500, "topic": "meshcore/SFO/AB/packets", "payload": "{\"raw\": \"00\"}", "qos": 1, "retain": true})");
  ASSERT_TRUE(p.ok) << p.error;
  EXPECT_EQ(p.record.offset, milliseconds(1500));
  EXPECT_EQ(p.record.topic, "meshcore/SFO/AB/packets");
  EXPECT_EQ(p.record.payload, R"({"raw": "00"})");
  EXPECT_EQ(p.record.qos, 1);
  EXPECT_TRUE(p.record.retain);
}

TEST(CaptureLineParser, QosAndRetainMayBeAbsentAndOtherKeysMayBeThere) {
  const Parsed p(R"({"source":{"deep":[1,2,{"x":null}]},"payload":"","topic":"t","t_ms":2.6})");
  ASSERT_TRUE(p.ok) << p.error;
  EXPECT_EQ(p.record.offset, milliseconds(3));
  EXPECT_EQ(p.record.payload, "");
  EXPECT_EQ(p.record.qos, 0);
  EXPECT_FALSE(p.record.retain);
}

TEST(CaptureLineParser, TheLastOfEqualKeysCounts) {
  const Parsed p(R"({"t_ms":1,"t_ms":2,"topic":"a","topic":"b","payload":"x","payload":"y"})");
  ASSERT_TRUE(p.ok) << p.error;
  EXPECT_EQ(p.record.offset, milliseconds(2));
  EXPECT_EQ(p.record.topic, "b");
  EXPECT_EQ(p.record.payload, "y");
}

TEST(CaptureLineParser, ViewsOutliveTheLine) {
  Parsed p(R"({"t_ms":0,"topic":"topic","payload":"payload"})");
  ASSERT_TRUE(p.ok);
  p.text.assign(p.text.size(), '#');
  EXPECT_EQ(p.record.topic, "topic");
  EXPECT_EQ(p.record.payload, "payload");
}

TEST(CaptureLineParser, ForgetsTheLineBefore) {
  CaptureLineParser parser;
  CaptureRecord record;
  std::string error;
  std::string text = line_of({milliseconds(9), "a", "\xff", 2, true});
  const std::size_t size = text.size();
  text.append(LineReader::kPadding, '\0');
  ASSERT_TRUE(parser.parse(std::string_view(text).substr(0, size), record, error));
  text = R"({"t_ms":0,"topic":"b","payload":"c"})";
  const std::size_t second = text.size();
  text.append(LineReader::kPadding, '\0');
  ASSERT_TRUE(parser.parse(std::string_view(text).substr(0, second), record, error));
  EXPECT_EQ(record.offset, milliseconds(0));
  EXPECT_EQ(record.payload, "c");
  EXPECT_EQ(record.qos, 0);
  EXPECT_FALSE(record.retain);
}

struct BadLine {
  const char* line;
  const char* complaint;
};

class BadCaptureLine : public testing::TestWithParam<BadLine> {};

TEST_P(BadCaptureLine, IsRefusedWithAReason) {
  const Parsed p(GetParam().line);
  EXPECT_FALSE(p.ok) << GetParam().line;
  EXPECT_THAT(p.error, HasSubstr(GetParam().complaint)) << GetParam().line;
}

INSTANTIATE_TEST_SUITE_P(
    CaptureLineParser, BadCaptureLine,
    testing::Values(
        BadLine{R"(["t_ms",0])", "not a JSON object"}, BadLine{"null", "not a JSON object"},
        BadLine{R"({"t_ms":0,"topic":"a","payload":"b")", ""},
        BadLine{R"({"t_ms":0,"topic":"a","payload":"b"} x)", ""},
        BadLine{R"({"t_ms":0,"topic":"a","payload":"\ud800"})", ""},
        BadLine{"{\"t_ms\":0,\"topic\":\"a\",\"payload\":\"\xff\"}", "UTF-8"},
        BadLine{R"({"topic":"a","payload":"b"})", "t_ms is missing"},
        BadLine{R"({"t_ms":"0","topic":"a","payload":"b"})", "t_ms is not"},
        BadLine{R"({"t_ms":-1,"topic":"a","payload":"b"})", "t_ms is not"},
        BadLine{R"({"t_ms":1e300,"topic":"a","payload":"b"})", "t_ms is not"},
        BadLine{R"({"t_ms":0,"payload":"b"})", "topic is missing"},
        BadLine{R"({"t_ms":0,"topic":"","payload":"b"})", "topic is not"},
        BadLine{R"({"t_ms":0,"topic":1,"payload":"b"})", "topic is not"},
        BadLine{R"({"t_ms":0,"topic":"a"})", "payload is missing"},
        BadLine{R"({"t_ms":0,"topic":"a","payload":{}})", "payload is not a string"},
        BadLine{R"({"t_ms":0,"topic":"a","payload_b64":"*"})", "not base64"},
        BadLine{R"({"t_ms":0,"topic":"a","payload_b64":0})", "payload_b64 is not a string"},
        BadLine{R"({"t_ms":0,"topic":"a","payload":"b","payload_b64":"Yg=="})", "exclude"},
        BadLine{R"({"t_ms":0,"topic":"a","payload":"b","qos":3})", "qos"},
        BadLine{R"({"t_ms":0,"topic":"a","payload":"b","qos":"1"})", "qos"},
        BadLine{R"({"t_ms":0,"topic":"a","payload":"b","retain":0})", "retain"}));

TEST(AppendCaptureLine, WritesTheDocumentedForm) {
  EXPECT_EQ(
      line_of({milliseconds(7), "a/b", "{\"x\": 1}", 1, true}),
      "{\"t_ms\":7,\"topic\":\"a/b\",\"payload\":\"{\\\"x\\\": 1}\",\"qos\":1,\"retain\":true}\n");
  EXPECT_EQ(line_of({milliseconds(0), "t", "\xff", 0, false}),
            "{\"t_ms\":0,\"topic\":\"t\",\"payload_b64\":\"/w==\",\"qos\":0,\"retain\":false}\n");
}

TEST(AppendCaptureLine, WhatItWritesComesBackByteForByte) {
  std::string every_byte;
  for (int i = 0; i < 256; ++i) every_byte.push_back(static_cast<char>(i));
  const std::string every_ascii = every_byte.substr(0, 128);
  for (const std::string& payload :
       {std::string(), every_byte, every_ascii, std::string("\0", 1),
        std::string("snow \u2603 \U0001F30D"), std::string("truncated \xe2\x98"),
        std::string("\\u0000 \"quoted\" \\"), std::string(100000, '\n')}) {
    const Parsed p(line_of({milliseconds(123456789), "meshcore/\u00e4/\"x\"", payload, 2, true}));
    ASSERT_TRUE(p.ok) << p.error;
    EXPECT_EQ(p.record.offset, milliseconds(123456789));
    EXPECT_EQ(p.record.topic, "meshcore/\u00e4/\"x\"");
    EXPECT_EQ(p.record.payload, payload);
    EXPECT_EQ(p.record.qos, 2);
    EXPECT_TRUE(p.record.retain);
  }
}

TEST(AppendCaptureLine, ATopicThatIsNotTextStaysReadable) {
  const Parsed p(line_of({milliseconds(0), "mesh/\xff\xfe/x", "", 0, false}));
  ASSERT_TRUE(p.ok) << p.error;
  EXPECT_EQ(p.record.topic, "mesh/\?\?/x");
}

}  // namespace
}  // namespace sluice
