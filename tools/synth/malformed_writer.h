#pragma once

#include "record_writer.h"

namespace sluice {

/// Replaces a good packet record by one of the things that networks publish and a receiver has to
/// refuse or ignore: broken JSON, wrong types, bad hex, cut frames, foreign topics, plain bytes.
void spoil_record(Rng& rng, TopicAndPayload& record);

}  // namespace sluice
