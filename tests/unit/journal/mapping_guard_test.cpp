#include "journal/mapping_guard.h"

#include <csignal>
#include <filesystem>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "journal_fixture.h"
#include "support/temp_dir.h"

namespace sluice {
namespace {

using namespace test;
namespace fs = std::filesystem;

constexpr std::size_t kPage = 4096;

/// Four pages of a file, mapped, of which the last three are then cut off.
class CutMapping {
 public:
  CutMapping() {
    const std::string path = directory_.file("mapped");
    const int file = open(path.c_str(), O_RDWR | O_CREAT, 0600);
    EXPECT_EQ(ftruncate(file, 4 * kPage), 0);
    bytes_ = static_cast<std::byte*>(
        mmap(nullptr, 4 * kPage, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0));
    for (std::size_t i = 0; i < 4 * kPage; ++i) bytes_[i] = std::byte{7};
    EXPECT_EQ(ftruncate(file, kPage), 0);
    close(file);
  }
  ~CutMapping() { munmap(bytes_, 4 * kPage); }

  [[nodiscard]] std::byte read(std::size_t offset) const {
    return *static_cast<volatile std::byte*>(bytes_ + offset);
  }
  void write(std::size_t offset, std::byte value) const {
    *static_cast<volatile std::byte*>(bytes_ + offset) = value;
  }
  [[nodiscard]] const std::byte* begin() const { return bytes_; }

 private:
  TempDir directory_;
  std::byte* bytes_ = nullptr;
};

TEST(MappingGuard, PutsZerosWhereTheFileIsGone) {
  const CutMapping mapping;
  const MappingGuard guard(mapping.begin(), 4 * kPage);
  EXPECT_EQ(mapping.read(10), std::byte{7});
  EXPECT_FALSE(guard.failed());
  EXPECT_EQ(mapping.read(2 * kPage + 10), std::byte{0});
  EXPECT_TRUE(guard.failed());
  mapping.write(3 * kPage, std::byte{9});
  EXPECT_EQ(mapping.read(3 * kPage), std::byte{9});
  EXPECT_EQ(mapping.read(10), std::byte{7}) << "the page that is there stays";
}

TEST(MappingGuard, EachKnowsOfItselfOnly) {
  const CutMapping one;
  const CutMapping other;
  const MappingGuard guard_of_one(one.begin(), 4 * kPage);
  const MappingGuard guard_of_other(other.begin(), 4 * kPage);
  EXPECT_EQ(other.read(kPage), std::byte{0});
  EXPECT_FALSE(guard_of_one.failed());
  EXPECT_TRUE(guard_of_other.failed());
}

TEST(MappingGuardDeathTest, AnyOtherBusErrorEndsTheProcess) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(
      {
        signal(SIGBUS, SIG_DFL);  // as outside of a test, before the first guard
        const CutMapping unguarded;
        const CutMapping guarded;
        const MappingGuard guard(guarded.begin(), 4 * kPage);
        EXPECT_EQ(guarded.read(kPage), std::byte{0});
        EXPECT_EQ(unguarded.read(kPage), std::byte{0});
      },
      testing::KilledBySignal(SIGBUS), "");
  EXPECT_EXIT(
      {
        signal(SIGBUS, SIG_DFL);
        const CutMapping guarded;
        const MappingGuard guard(guarded.begin(), 4 * kPage);
        raise(SIGBUS);
      },
      testing::KilledBySignal(SIGBUS), "");
}

/// A journal whose file is cut to its first page under it.
class CutJournalTest : public testing::Test {
 protected:
  void cut() { fs::resize_file(journal_.file().path(), kPage); }

  const TempDir temp_;
  JournalDirectory directory_{temp_.path()};
  const JournalOptions options_ = small_journal(8);
  Journal journal_{directory_.create("source", options_), options_};
};

TEST_F(CutJournalTest, TakesNothingMoreAndPromisesNothing) {
  append_up_to(journal_, 20);
  read_and_release(journal_, 5);
  journal_.ask_sync();
  while (journal_.tend()) {
  }
  EXPECT_EQ(journal_.durable(), 20U);
  cut();
  append_next(journal_, payload_of(21));  // that is where it shows
  EXPECT_TRUE(journal_.failed());
  EXPECT_EQ(append_next(journal_, payload_of(22)), AppendResult::kFull);
  EXPECT_EQ(journal_.durable(), 5U) << "nothing is but what is committed";
  journal_.ask_sync();
  EXPECT_FALSE(journal_.tend()) << "it makes the file no longer, and syncs it no more";
  EXPECT_EQ(journal_.durable(), 5U);
}

TEST_F(CutJournalTest, WhatCannotBeReadGoesOnWithoutContent) {
  append_up_to(journal_, 40);
  JournalRecord record;
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(journal_.read(record));
  cut();
  for (std::uint64_t seq = 4; seq <= 40; ++seq) {
    ASSERT_TRUE(journal_.read(record));
    EXPECT_EQ(record.seq, seq);
    EXPECT_EQ(record.message.payload, "");
    volatile char padding = record.message.payload.data()[kJournalPadding - 1];
    EXPECT_EQ(padding, 0);
  }
  EXPECT_FALSE(journal_.read(record));
  EXPECT_EQ(journal_.backlog(), 0U);
  EXPECT_EQ(journal_.unreadable(), 37U);
  EXPECT_TRUE(journal_.failed());
  journal_.release(40);
}

TEST_F(CutJournalTest, AFileThatGrewAgainIsNoLessBroken) {
  append_up_to(journal_, 40);
  const auto size = fs::file_size(journal_.file().path());
  cut();
  fs::resize_file(journal_.file().path(), size);  // zeros, and no signal
  JournalRecord record;
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(journal_.read(record));
  EXPECT_EQ(journal_.unreadable(), 40U);
  EXPECT_EQ(append_next(journal_, payload_of(41)), AppendResult::kFull);
}

TEST(RecoveredJournal, GoesOnBehindARunThatCannotBeReadAnyMore) {
  const TempDir temp;
  const JournalOptions options = small_journal(8);
  fs::path path;
  {
    JournalDirectory directory(temp.path());
    Journal journal(directory.create("source", options), options);
    append_up_to(journal, 60);
    path = journal.file().path();
  }
  JournalFile file = JournalFile::open(path);
  const RecoveredRange range = find_uncommitted(file, 0);
  ASSERT_GE(range.runs.size(), 3U);
  // The disk has found everything when asked for the first time.
  const std::byte* const second = file.segment(range.runs[1].segment);
  ASSERT_EQ(mmap(const_cast<std::byte*>(second), kSmallSegment, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
            second);
  Journal journal(std::move(file), range);
  std::uint64_t empty = 0;
  JournalRecord record;
  for (std::uint64_t seq = 1; seq <= 60; ++seq) {
    ASSERT_TRUE(journal.read(record));
    ASSERT_EQ(record.seq, seq);
    if (record.message.payload.empty()) ++empty;
  }
  EXPECT_EQ(empty, range.runs[1].last_seq + 1 - range.runs[1].first_seq);
  EXPECT_EQ(journal.unreadable(), empty);
}

}  // namespace
}  // namespace sluice
