#include "base/log_format.h"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

namespace sluice {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::StartsWith;

const auto kTime =
    std::chrono::system_clock::from_time_t(1767225600) + std::chrono::milliseconds(7);

std::string line(LogFormat format, std::string_view text, LogLevel level = LogLevel::kInfo) {
  std::string out;
  append_log_line(format, level, kTime, text, out);
  return out;
}

// What a node might call itself to write a line of its own, in each of the formats.
constexpr std::string_view kForged[] = {
    "x\n2026/01/01 00:00:00 [ingestor] Shutting down...",
    "x\r\n<0>emergency",
    "x\"}\n{\"time\":\"2026-01-01T00:00:00.000Z\",\"level\":\"error\",\"text\":\"forged",
    "x\\\"},{\"text\":\"forged\"",
    "\x1b[2J\x1b]0;title\x07\x7f",
    "c1 \xC2\x9B\x32J and \xC2\x85 next line",
    "separators \xE2\x80\xA8 and \xE2\x80\xA9 of Unicode",
    "bad \xFF\xC0\x80 and cut \xE2\x80",
    std::string_view("nul \0 in it", 11),
};

TEST(LogFormatText, LooksAsItAlwaysDid) {
  setenv("TZ", "UTC", 1);
  tzset();
  EXPECT_EQ(line(LogFormat::kText, "Running — 1 MQTT source(s) connected"),
            "2026/01/01 00:00:00 [ingestor] Running — 1 MQTT source(s) connected\n");
}

TEST(LogFormatText, AHostileNameStaysInItsLine) {
  for (const std::string_view name : kForged) {
    const std::string out = line(LogFormat::kText, name);
    EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 1) << out;
    EXPECT_EQ(std::count_if(out.begin(), out.end() - 1,
                            [](char c) { return static_cast<unsigned char>(c) < 0x20; }),
              0)
        << out;
    EXPECT_EQ(out.find("\xC2\x9B"), std::string::npos);
  }
}

TEST(LogFormatPlain, BeginsWithThePriorityOfSyslog) {
  EXPECT_EQ(line(LogFormat::kPlain, "ä", LogLevel::kDebug), "<7>ä\n");
  EXPECT_EQ(line(LogFormat::kPlain, "ä", LogLevel::kInfo), "<6>ä\n");
  EXPECT_EQ(line(LogFormat::kPlain, "ä", LogLevel::kWarn), "<4>ä\n");
  EXPECT_EQ(line(LogFormat::kPlain, "ä", LogLevel::kError), "<3>ä\n");
}

TEST(LogFormatPlain, AHostileNameGetsNoPriorityOfItsOwn) {
  for (const std::string_view name : kForged) {
    const std::string out = line(LogFormat::kPlain, name, LogLevel::kInfo);
    EXPECT_THAT(out, StartsWith("<6>"));
    EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 1) << out;
    EXPECT_EQ(out.find('\r'), std::string::npos);
  }
}

TEST(LogFormatJson, IsAnObjectALine) {
  EXPECT_EQ(line(LogFormat::kJson, R"(say "a\b")", LogLevel::kWarn),
            R"({"time":"2026-01-01T00:00:00.007Z","level":"warn","text":"say \"a\\b\""})"
            "\n");
}

TEST(LogFormatJson, AHostileNameIsNothingButText) {
  simdjson::dom::parser parser;
  for (const std::string_view name : kForged) {
    const std::string out = line(LogFormat::kJson, name, LogLevel::kInfo);
    EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 1) << out;
    simdjson::dom::object object;
    ASSERT_EQ(parser.parse(out).get(object), simdjson::SUCCESS) << out;
    EXPECT_EQ(object.size(), 3U) << out;
    EXPECT_EQ(std::string_view(object["level"]), "info");
    const std::string_view text = object["text"];
    if (name.find('\xFF') == std::string_view::npos) {
      EXPECT_EQ(text, name);
    } else {
      EXPECT_EQ(text, "bad \uFFFD\uFFFD\uFFFD and cut \uFFFD\uFFFD");
    }
  }
}

TEST(ParseLogFormat, KnowsItsThreeNames) {
  EXPECT_EQ(parse_log_format("text"), LogFormat::kText);
  EXPECT_EQ(parse_log_format("plain"), LogFormat::kPlain);
  EXPECT_EQ(parse_log_format("json"), LogFormat::kJson);
  EXPECT_EQ(parse_log_format("auto"), std::nullopt);
  EXPECT_EQ(parse_log_format("JSON"), std::nullopt);
}

TEST(ChooseLogFormat, IsPlainOnlyWhenStderrIsTheSocketOfTheJournal) {
  struct stat status {};
  ASSERT_EQ(fstat(STDERR_FILENO, &status), 0);
  const std::string same = fmt::format("{}:{}", status.st_dev, status.st_ino);
  const std::string other = fmt::format("{}:{}", status.st_dev, status.st_ino + 1);
  EXPECT_EQ(choose_log_format(same.c_str()), LogFormat::kPlain);
  EXPECT_EQ(choose_log_format(other.c_str()), LogFormat::kText);
  EXPECT_EQ(choose_log_format("journal"), LogFormat::kText);
  EXPECT_EQ(choose_log_format(nullptr), LogFormat::kText);
}

TEST(Log, WritesEveryLineThroughTheFormatThatIsSet) {
  for (const LogFormat format : {LogFormat::kPlain, LogFormat::kJson}) {
    set_log_format(format);
    testing::internal::CaptureStderr();
    log_warn("node {}", "a\n<0>b");
    start_log(LogLevel::kInfo);
    log_error("node {}", "c\nd");
    stop_log();
    const std::string written = testing::internal::GetCapturedStderr();
    EXPECT_EQ(std::count(written.begin(), written.end(), '\n'), 2) << written;
    EXPECT_THAT(written, HasSubstr(format == LogFormat::kPlain ? "<4>node a?<0>b\n<3>node c?d\n"
                                                               : R"("text":"node c\u000ad"})"));
  }
  set_log_format(LogFormat::kText);
}

}  // namespace
}  // namespace sluice
