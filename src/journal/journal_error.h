#pragma once

#include <stdexcept>

namespace sluice {

/// The journal's directory or one of its files cannot be used. The text names the path and says
/// what to do.
class JournalError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A file that is no journal, or whose first page is damaged: nothing in it can be read.
class JournalDamaged : public JournalError {
 public:
  using JournalError::JournalError;
};

/// A file of a version, or a byte order, that this build does not read: nobody's to throw away.
class JournalVersionError : public JournalError {
 public:
  using JournalError::JournalError;
};

}  // namespace sluice
