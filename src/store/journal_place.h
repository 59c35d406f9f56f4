#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sluice {

class Connection;

/// Where the last start that wrote to this file kept its journals; absent when none has said so.
/// Throws StoreError.
[[nodiscard]] std::optional<std::string> remembered_journal_place(Connection& connection);
/// Within the caller's transaction. Throws StoreError.
void remember_journal_place(Connection& connection, std::string_view place);

/// The journals that have a position, by uuid. Throws StoreError.
[[nodiscard]] std::vector<std::string> journals_with_position(Connection& connection);

}  // namespace sluice
