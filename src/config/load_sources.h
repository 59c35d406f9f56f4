#pragma once

#include "config/config.h"
#include "config/object_reader.h"

namespace sluice {

/// Reads `mqttSources` and the legacy `mqtt`, asks the environment, and fills the configuration's
/// sources to connect to, at least one: MQTT_BROKER, else mqttSources, else mqtt, else a broker on
/// this machine (contract 1.1 to 1.3). One that can't be used is left out, unless it is the only
/// one. The types of the file are checked even where the environment
/// decides. The object `sluice` has been read: its session is for sources that say nothing else.
void load_sources(LoadContext& context, ObjectReader& root, Config& config);

/// Reads `qos` and `sessionExpirySec`.
[[nodiscard]] SessionConfig load_session(ObjectReader& reader, const SessionConfig& fallback);

/// For an object of ours that has been read: unknown keys in it get a remark in the log.
void note_unknown_keys(LoadContext& context, const ObjectReader& reader);

}  // namespace sluice
