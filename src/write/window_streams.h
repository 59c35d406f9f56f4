#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "store/observation_statements.h"
#include "store/transmission_statements.h"
#include "write/known_rows.h"
#include "write/window.h"
#include "write/window_outcome.h"

namespace sluice {

/// The window's transmissions of which no row is known, as rows. Those that turn out to be new get
/// their ids, in `rows` (as many as the window has transmissions).
///
/// Thread: bound(write).
class UnknownTransmissions final : public TransmissionSource {
 public:
  UnknownTransmissions(Window& window, std::vector<KnownRows::Row>& rows)
      : window_(window), rows_(rows) {}

  const TransmissionRow* next() noexcept override;
  void written(std::optional<std::int64_t> new_id) noexcept override;

  [[nodiscard]] std::uint64_t inserted() const noexcept { return inserted_; }

 private:
  Window& window_;
  std::vector<KnownRows::Row>& rows_;
  std::size_t next_ = 0;
  std::size_t current_ = 0;
  TransmissionRow row_;
  std::uint64_t inserted_ = 0;
};

/// The window's observations as rows. Says in the account of each one's source what became of it.
///
/// Thread: bound(write).
class WindowObservations final : public ObservationSource {
 public:
  WindowObservations(Window& window, const std::vector<KnownRows::Row>& transmissions,
                     WindowOutcome& outcome)
      : window_(window), transmissions_(transmissions), outcome_(outcome) {}

  const ObservationRow* next() noexcept override;
  void written(Outcome outcome) noexcept override;

 private:
  [[nodiscard]] std::optional<std::int64_t> observer_of(const PendingObservation& pending) const;

  Window& window_;
  const std::vector<KnownRows::Row>& transmissions_;
  WindowOutcome& outcome_;
  std::size_t next_ = 0;
  ObservationRow row_;
};

}  // namespace sluice
