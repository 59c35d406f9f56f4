#include "receive/line_reader.h"

#include <cstdio>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace sluice {
namespace {

using Result = LineReader::Result;
using testing::ElementsAre;
using testing::IsEmpty;

/// A pipe whose writing end the test holds.
class LineReaderTest : public testing::Test {
 protected:
  LineReaderTest() {
    int ends[2];
    if (::pipe(ends) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
    in_ = ends[0];
    out_ = ends[1];
    ::fcntl(in_, F_SETFL, O_NONBLOCK);
  }
  ~LineReaderTest() override {
    finish();
    ::close(in_);
  }

  void give(std::string_view text) const {
    ASSERT_EQ(::write(out_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void finish() {
    if (out_ >= 0) ::close(out_);
    out_ = -1;
  }
  /// All that can be read now; "<too long>" for a skipped line.
  static std::vector<std::string> drain(LineReader& reader) {
    std::vector<std::string> lines;
    std::string_view line;
    while (true) {
      switch (reader.next(line)) {
        case Result::kLine:
          lines.emplace_back(line);
          break;
        case Result::kTooLong:
          lines.emplace_back("<too long>");
          break;
        case Result::kAgain:
        case Result::kEnd:
          return lines;
      }
    }
  }

  int in_ = -1;
  int out_ = -1;
};

TEST_F(LineReaderTest, AnEmptyInputEndsAtOnce) {
  finish();
  LineReader reader(in_);
  EXPECT_THAT(drain(reader), IsEmpty());
  EXPECT_EQ(reader.line_number(), 0U);
}

TEST_F(LineReaderTest, TheLastLineNeedsNoEnd) {
  give("one\ntwo");
  finish();
  LineReader reader(in_);
  EXPECT_THAT(drain(reader), ElementsAre("one", "two"));
  EXPECT_EQ(reader.offset(), 7U);
}

TEST_F(LineReaderTest, TakesOneCarriageReturnOffTheEnd) {
  give("one\r\ntwo\r\r\nthree\r");
  finish();
  LineReader reader(in_);
  EXPECT_THAT(drain(reader), ElementsAre("one", "two\r", "three"));
}

TEST_F(LineReaderTest, PassesOverBlankLinesAndCountsThem) {
  give("\n\r\n \t\nfour\n\n");
  finish();
  LineReader reader(in_);
  std::string_view line;
  ASSERT_EQ(reader.next(line), Result::kLine);
  EXPECT_EQ(line, "four");
  EXPECT_EQ(reader.line_number(), 4U);
  EXPECT_EQ(reader.next(line), Result::kEnd);
}

TEST_F(LineReaderTest, ALineThatComesInPiecesIsOneLine) {
  LineReader reader(in_);
  give("on");
  EXPECT_THAT(drain(reader), IsEmpty());
  give("e\nt");
  EXPECT_THAT(drain(reader), ElementsAre("one"));
  give("wo");
  finish();
  EXPECT_THAT(drain(reader), ElementsAre("two"));
}

TEST_F(LineReaderTest, SkipsALineOverTheBoundAndGoesOn) {
  give("12345678\n123456789\n12345678\r\n123456789\r\nend");
  finish();
  LineReader reader(in_, 8);
  EXPECT_THAT(drain(reader),
              ElementsAre("12345678", "<too long>", "12345678", "<too long>", "end"));
  EXPECT_EQ(reader.line_number(), 5U);
}

TEST_F(LineReaderTest, ReportsALineOverTheBoundOnceHoweverManyPiecesItHas) {
  LineReader reader(in_, 8);
  for (int i = 0; i < 100; ++i) {
    give("0123456789");
    EXPECT_THAT(drain(reader), IsEmpty());
  }
  give("\nok\n");
  EXPECT_THAT(drain(reader), ElementsAre("<too long>", "ok"));
}

TEST_F(LineReaderTest, ReportsAnEndlessLastLine) {
  give("0123456789012345");
  finish();
  LineReader reader(in_, 8);
  EXPECT_THAT(drain(reader), ElementsAre("<too long>"));
}

TEST_F(LineReaderTest, AFileLargerThanTheBufferComesOutWhole) {
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), &std::fclose);
  ASSERT_NE(file, nullptr);
  constexpr int kLines = 20000;
  for (int i = 0; i < kLines; ++i) std::fprintf(file.get(), "%0*d\n", 1 + i % 300, i);
  std::fflush(file.get());
  std::rewind(file.get());
  LineReader reader(::fileno(file.get()), 4096);
  std::string_view line;
  for (int i = 0; i < kLines; ++i) {
    ASSERT_EQ(reader.next(line), Result::kLine);
    ASSERT_EQ(std::stoi(std::string(line)), i);
  }
  EXPECT_EQ(reader.next(line), Result::kEnd);
  EXPECT_EQ(reader.offset(),
            static_cast<std::uint64_t>(::lseek(::fileno(file.get()), 0, SEEK_END)));
}

TEST_F(LineReaderTest, AMissingFileIsAnExceptionThatNamesIt) {
  try {
    LineReader reader(std::string("no/such/file"));
    FAIL();
  } catch (const std::system_error& e) {
    EXPECT_THAT(e.what(), testing::HasSubstr("no/such/file"));
    EXPECT_EQ(e.code().value(), ENOENT);
  }
}

}  // namespace
}  // namespace sluice
