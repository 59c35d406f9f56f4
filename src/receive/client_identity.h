#pragma once

#include <filesystem>
#include <string>

namespace sluice {

/// The MQTT client id that a small file keeps: `sluice-` and 16 random hex digits, 23 characters,
/// the most that every MQTT 3.1.1 broker has to take. Made at random, so that two installations, or
/// a copy of this one's configuration, never take each other's session away; kept, so that the
/// broker knows us again.
///
/// A file that does not exist is created (mode 0600, its folders 0755) and appears whole or not at
/// all. One that holds something else is replaced, with a warning in the log: the session under the
/// old id is then lost. Throws std::system_error when the file can't be read or written.
[[nodiscard]] std::string client_id_for(const std::filesystem::path& file);

/// A file name for the source with this tag: what is safe of it, and a hash, so that two tags never
/// share a file.
[[nodiscard]] std::string client_id_file_name(const std::string& tag);

}  // namespace sluice
