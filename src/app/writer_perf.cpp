#include "app/writer_perf.h"

#include "packet/json_text.h"

namespace sluice {
namespace {

double milliseconds(std::uint64_t microseconds) {
  return static_cast<double>(microseconds) / 1000.0;
}

}  // namespace

std::vector<WriterComponent> writer_components(const PipelineMetrics& metrics) {
  const WriteMetrics& write = metrics.write;
  std::vector<WriterComponent> components;
  if (write.transactions.value() != 0) {
    components.push_back({.name = "mqtt_handler",
                          .count = write.transactions.value(),
                          .contention = write.contended_windows.value(),
                          .wait_us = &write.window_wait_us,
                          .hold_us = &write.window_hold_us});
  }
  return components;
}

std::string writer_perf_json(const std::vector<WriterComponent>& components) {
  std::string text;
  JsonWriter json(text);
  for (const WriterComponent& one : components) {
    json.begin_object(one.name);
    json.integer("count", static_cast<std::int64_t>(one.count));
    json.integer("contention_total", static_cast<std::int64_t>(one.contention));
    json.real("wait_ms_p50", milliseconds(one.wait_us->quantile(0.50)));
    json.real("wait_ms_p95", milliseconds(one.wait_us->quantile(0.95)));
    json.real("wait_ms_p99", milliseconds(one.wait_us->quantile(0.99)));
    json.real("wait_ms_max", milliseconds(one.wait_us->max()));
    json.real("hold_ms_p50", milliseconds(one.hold_us->quantile(0.50)));
    json.real("hold_ms_p95", milliseconds(one.hold_us->quantile(0.95)));
    json.real("hold_ms_p99", milliseconds(one.hold_us->quantile(0.99)));
    json.real("hold_ms_max", milliseconds(one.hold_us->max()));
    json.end_object();
  }
  json.finish();
  return text;
}

}  // namespace sluice
