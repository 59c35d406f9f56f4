#pragma once

#include <vector>

#include "config/config.h"
#include "config/object_reader.h"

namespace sluice {

/// Reads `mqttSources` and the legacy `mqtt`, asks the environment, and returns the sources to
/// connect to, at least one: MQTT_BROKER, else mqttSources, else mqtt, else a broker on this
/// machine (contract 1.1 to 1.3). The types of the file are checked even where the environment
/// decides.
[[nodiscard]] std::vector<SourceConfig> load_sources(LoadContext& context, ObjectReader& root);

}  // namespace sluice
