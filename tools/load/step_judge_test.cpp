#include "step_judge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice {
namespace {

using testing::HasSubstr;

/// A step in which all went well.
StepResult good_step() {
  StepResult step;
  step.wanted_rate = 1000;
  step.seconds = 10;
  step.published = 10'000;
  step.published_rate = 1000;
  step.rows_expected = step.rows_found = 9'900;
  step.counted = 10'000;
  step.lag_at_end = 0.5;
  return step;
}

StepVerdict verdict_of(StepResult& step) {
  judge_step({}, step);
  return step.verdict;
}

TEST(JudgeStep, HoldsIfAllIsThereInTime) {
  StepResult step = good_step();
  EXPECT_EQ(verdict_of(step), StepVerdict::kHeld);
  EXPECT_EQ(step.reason, "");
  EXPECT_EQ(outcome_of({}, step), StepOutcome::kHeld);
}

TEST(JudgeStep, FindsOneMissingRow) {
  StepResult step = good_step();
  step.rows_missing = 1;
  EXPECT_EQ(verdict_of(step), StepVerdict::kLoss);
  EXPECT_THAT(step.reason, HasSubstr("1 of 10,000 messages are missing"));
  EXPECT_EQ(outcome_of({}, step), StepOutcome::kFailed);
}

TEST(JudgeStep, FindsAStatusThatWasNotCounted) {
  StepResult step = good_step();
  step.counted = 9'998;
  EXPECT_EQ(verdict_of(step), StepVerdict::kLoss);
  EXPECT_EQ(step.missing(), 2U);
}

TEST(JudgeStep, DoesNotAskForACountThatNobodyKeeps) {
  StepResult step = good_step();
  step.counted.reset();
  EXPECT_EQ(verdict_of(step), StepVerdict::kHeld);
}

TEST(JudgeStep, SaysWhatTheIngestorSaysOfALoss) {
  StepResult step = good_step();
  step.rows_missing = 600;
  step.ingestor = IngestorDelta{};
  step.ingestor->has_own = true;
  step.ingestor->received = 9'900;
  step.ingestor->rejected["sender_limit"] = 500;
  judge_step({}, step);
  EXPECT_THAT(step.reason, HasSubstr("100 never reached the ingestor"));
  EXPECT_THAT(step.reason, HasSubstr("it refused 500 (sender_limit)"));
  EXPECT_EQ(outcome_of({}, step), StepOutcome::kHopeless);
}

TEST(JudgeStep, TellsTheBrokersLimitFromItsOwn) {
  StepResult step = good_step();
  step.published_rate = 900;
  step.publisher_cpu_percent = 30;
  EXPECT_EQ(verdict_of(step), StepVerdict::kPublisherLimit);
  EXPECT_THAT(step.reason, HasSubstr("the broker takes no more"));
  step.publisher_cpu_percent = 99;
  judge_step({}, step);
  EXPECT_THAT(step.reason, HasSubstr("this program is at its limit"));
}

TEST(JudgeStep, DoesNotBlameTheIngestorForALateEndOfASlowPublisher) {
  StepResult step = good_step();
  step.published_rate = 500;
  step.lag_at_end = 20;
  EXPECT_EQ(verdict_of(step), StepVerdict::kPublisherLimit);
}

TEST(JudgeStep, SeesABacklogAtTheEnd) {
  StepResult step = good_step();
  step.lag_at_end = 3.1;
  EXPECT_EQ(verdict_of(step), StepVerdict::kBehind);
  EXPECT_EQ(outcome_of({}, step), StepOutcome::kFailed);
  step.lag_at_end = 30;
  EXPECT_EQ(outcome_of({}, step), StepOutcome::kHopeless);
}

TEST(JudgeStep, SeesABacklogThatGrows) {
  StepResult step = good_step();
  step.latency_growth = 0.06;
  EXPECT_EQ(verdict_of(step), StepVerdict::kBehind);
}

TEST(JudgeStep, SaysWhereTheMessagesWait) {
  StepResult step = good_step();
  step.lag_at_end = 10;
  step.ingestor = IngestorDelta{};
  step.ingestor->has_own = true;
  judge_step({}, step);
  EXPECT_THAT(step.reason, HasSubstr("for the database"));
  step.not_received_at_end = 5'000;
  judge_step({}, step);
  EXPECT_THAT(step.reason, HasSubstr("between the broker and the ingestor"));
}

TEST(JudgeStep, IsInterruptedByAFault) {
  StepResult step = good_step();
  step.fault = "stopped";
  EXPECT_EQ(verdict_of(step), StepVerdict::kInterrupted);
}

}  // namespace
}  // namespace sluice
