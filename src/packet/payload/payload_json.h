#pragma once

#include <cstdint>
#include <span>

#include "packet/frame.h"
#include "packet/json_text.h"

// The payload types that an observer can read without keys, or not at all: each writes the fields
// of its decoded_json (protocol E4), type first, into an open object. A payload below its minimum
// is no error of the packet; it is stored with what there is.

namespace sluice {

/// What every type writes for a payload that is too short for its fixed part.
void write_short_payload(std::string_view type, std::span<const std::uint8_t> payload,
                         std::string_view error, JsonWriter& json);

void write_sealed_envelope(const Frame& frame, JsonWriter& json);  ///< REQ RESPONSE TXT_MSG PATH
void write_ack(const Frame& frame, JsonWriter& json);
void write_anon_request(const Frame& frame, JsonWriter& json);
void write_trace(const Frame& frame, JsonWriter& json);
void write_multipart(const Frame& frame, JsonWriter& json);
void write_control(const Frame& frame, JsonWriter& json);
void write_raw_custom(const Frame& frame, JsonWriter& json);
void write_reserved(const Frame& frame, JsonWriter& json);

}  // namespace sluice
