#pragma once

#include <cassert>
#include <thread>

namespace sluice {

/// Holds a class to the thread that its comment names. The first call binds, later ones assert; a
/// release build checks nothing. `rebind()` is for the moment in which app/ hands an object to
/// another thread, or a test steps it.
class ThreadCheck {
 public:
  void assert_bound() noexcept {
#ifndef NDEBUG
    const auto self = std::this_thread::get_id();
    if (owner_ == std::thread::id{}) owner_ = self;
    assert(owner_ == self && "called from a thread that this class is not bound to");
#endif
  }

  void rebind() noexcept {
#ifndef NDEBUG
    owner_ = std::thread::id{};
#endif
  }

 private:
#ifndef NDEBUG
  std::thread::id owner_;
#endif
};

}  // namespace sluice
