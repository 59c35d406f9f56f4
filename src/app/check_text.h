#pragma once

#include <span>
#include <string>

#include "app/check_connect.h"
#include "app/check_finding.h"
#include "app/paint.h"
#include "config/load.h"

namespace sluice {

// What `sluice check` prints, piece by piece. Text that comes from outside is made printable.

/// A row for each setting: key, value, and who says so. Defaults recede.
[[nodiscard]] std::string settings_text(const LoadReport& report, const Paint& paint);

/// A line for each finding, problems first.
[[nodiscard]] std::string findings_text(std::span<const Finding> findings, const Paint& paint);

/// How far each broker let us come, and what the database is like.
[[nodiscard]] std::string connections_text(const Config& config, const ConnectCheck& check,
                                           const Paint& paint);

/// The last line.
[[nodiscard]] std::string verdict_text(std::span<const Finding> findings, const Paint& paint);

[[nodiscard]] bool would_run(std::span<const Finding> findings) noexcept;

}  // namespace sluice
