#pragma once

#include <optional>
#include <string>

#include "packet/crypto/channel_opener.h"
#include "packet/frame.h"
#include "packet/json_text.h"

namespace sluice {

/// Writes the fields of a GRP_TXT; decrypted, its type becomes `CHAN`. Returns what the column
/// channel_hash groups by: the channel's name, `enc_` and the hash byte when no key fits, nothing
/// when the payload is too short to have one (protocol E5).
[[nodiscard]] std::optional<std::string> write_group_text(const Frame& frame, ChannelOpener& opener,
                                                          JsonWriter& json);

/// Writes the fields of a GRP_DATA (protocol B5, E5).
void write_group_data(const Frame& frame, ChannelOpener& opener, JsonWriter& json);

}  // namespace sluice
