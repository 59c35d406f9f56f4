#include "receive/websocket_tunnel.h"

#include "receive/tunnel_pump.h"

namespace sluice {

void TunnelState::enter(TunnelStep step) noexcept {
  if (step == TunnelStep::kSecure) reached_.store(true, std::memory_order_relaxed);
  if (step == TunnelStep::kOpen) opened_.store(true, std::memory_order_relaxed);
  step_.store(step, std::memory_order_release);
}

void TunnelState::end(const std::string& why) {
  const std::lock_guard lock(mutex_);
  if (step() == TunnelStep::kEnded) return;
  why_ = why;
  step_.store(TunnelStep::kEnded, std::memory_order_release);
}

std::string TunnelState::trouble() const {
  switch (step()) {
    case TunnelStep::kResolve:
      return "its name could not be resolved in time";
    case TunnelStep::kConnect:
      return "no answer from this address";
    case TunnelStep::kSecure:
      return "no answer to the TLS handshake";
    case TunnelStep::kUpgrade:
      return "no answer to the WebSocket handshake";
    case TunnelStep::kOpen:
      return "";
    case TunnelStep::kEnded:
      break;
  }
  const std::lock_guard lock(mutex_);
  return why_;
}

WebSocketTunnel::WebSocketTunnel(TunnelOptions options) : options_(std::move(options)) {}

WebSocketTunnel::~WebSocketTunnel() {
  if (pump_) pump_->leave();
  if (thread_.joinable()) thread_.join();
}

void WebSocketTunnel::start() {
  pump_ = std::make_unique<TunnelPump>(options_, rendezvous_.accept(), state_);
  thread_ = std::thread([this] { pump_->run(); });
}

}  // namespace sluice
