#include "config/load_sources.h"

#include <algorithm>
#include <initializer_list>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "config/topic_filter.h"

namespace sluice {
namespace {

constexpr std::string_view kDefaultTopic = "meshcore/#";
constexpr std::int64_t kMostConnectSeconds = 86'400;
constexpr std::int64_t kForEverSeconds = 0xffffffff;

/// A source, and where its broker and topics are written down.
struct Written {
  SourceConfig source;
  std::string broker_key;
  std::string topics_key;
};

TlsConfig read_tls(LoadContext& context, ObjectReader reader) {
  TlsConfig tls;
  tls.ca_file = reader.string("caFile");
  tls.cert_file = reader.string("certFile");
  tls.key_file = reader.string("keyFile");
  if (tls.cert_file.empty() != tls.key_file.empty())
    context.fail(reader.path(), "certFile and keyFile belong together, and only one is there");
  note_unknown_keys(context, reader);
  return tls;
}

Written read_source(LoadContext& context, ObjectReader& reader, const SessionConfig& session) {
  SourceConfig source;
  source.name = reader.string("name");
  source.broker = reader.url("broker");
  source.username = reader.string("username");
  source.password = reader.secret("password");
  source.reject_unauthorized = reader.boolean_if_set("rejectUnauthorized");
  source.topics = reader.strings("topics");
  source.iata_filter = reader.strings("iataFilter");
  source.region = reader.string("region");
  source.connect_timeout =
      std::chrono::seconds(reader.positive("connectTimeoutSec", 30, kMostConnectSeconds));
  ObjectReader own = reader.object("sluice");
  source.session = load_session(own, session);
  source.tls = read_tls(context, own.object("tls"));
  note_unknown_keys(context, own);
  source.place = reader.path();
  return {std::move(source), reader.path_of("broker"), reader.path_of("topics")};
}

Written made_source(std::string_view name, std::string_view broker, std::vector<std::string> topics,
                    const SessionConfig& session) {
  Written written{{}, "mqttSources[0].broker", "mqttSources[0].topics"};
  written.source.place = "mqttSources[0]";
  written.source.name = name;
  written.source.broker = broker;
  written.source.topics = std::move(topics);
  written.source.session = session;
  return written;
}

/// The report is about what is in effect, so what the file says about sources goes when something
/// else decides.
void report_instead(LoadContext& context, const Written& written, Origin origin,
                    const std::string& broker_variable, const std::string& topic_variable) {
  auto& settings = context.report.settings;
  std::erase_if(settings, [](const Setting& setting) {
    return setting.key.starts_with("mqttSources[") || setting.key.starts_with("mqtt.");
  });
  settings.push_back(
      {written.broker_key, mask_user_info(written.source.broker), origin, broker_variable});
  settings.push_back({written.topics_key, written.source.topics.front(),
                      topic_variable.empty() ? Origin::kDefault : origin, topic_variable});
}

/// A filter that no broker takes is left out: a failed subscription is not fatal (contract 7.1).
/// False: that leaves none.
bool check_topics(LoadContext& context, Written& written) {
  std::vector<std::string>& topics = written.source.topics;
  if (topics.empty()) topics.emplace_back(kDefaultTopic);
  std::erase_if(topics, [&](const std::string& topic) {
    if (is_valid_topic_filter(topic)) return false;
    context.note(
        fmt::format("{}: \"{}\" is no MQTT topic filter, left out", written.topics_key, topic));
    return true;
  });
  // What is in effect: for the older form these are more than the file says.
  for (Setting& setting : context.report.settings)
    if (setting.key == written.topics_key)
      setting.value = fmt::format("{}", fmt::join(topics, ", "));
  return !topics.empty();
}

/// What keeps a source from being used.
struct Fault {
  std::string key;
  std::string what;
};

/// Fills in what follows from the rest.
std::optional<Fault> finish(LoadContext& context, Written& written) {
  SourceConfig& source = written.source;
  BrokerUrlResult parsed = parse_broker_url(source.broker);
  if (!parsed.error.empty()) {
    return Fault{written.broker_key, fmt::format("expected the URL of a broker, found \"{}\": {}",
                                                 mask_user_info(source.broker), parsed.error)};
  }
  source.url = std::move(parsed.url);
  if (source.url.user) source.username = *source.url.user;
  if (source.url.password) source.password = *source.url.password;
  if (source.username.empty()) source.password.clear();
  if (source.name.empty())
    source.tag = source.url.display();
  else if (source.name.find("://") != std::string::npos)
    source.tag = mask_user_info(source.name);
  else
    source.tag = source.name;
  if (!check_topics(context, written))
    return Fault{written.topics_key, "none of them is an MQTT topic filter"};
  return std::nullopt;
}

/// The Go ingestor goes on without a source that never connects, and so do we, as long as there is
/// another: a broker that is still to be filled in may stand beside one that works.
std::vector<SourceConfig> usable(LoadContext& context, std::vector<Written> written) {
  std::vector<SourceConfig> sources;
  std::optional<Fault> first;
  std::vector<std::string> notes;
  for (Written& one : written) {
    if (auto fault = finish(context, one)) {
      notes.push_back(fmt::format("{}: {}; source left out", fault->key, fault->what));
      if (!first) first = std::move(fault);
    } else {
      sources.push_back(std::move(one.source));
    }
  }
  if (sources.empty() && first) context.fail(first->key, first->what);
  for (std::string& note : notes) context.note(std::move(note));
  return sources;
}

/// The Go ingestor's libraries heed these; who goes through a proxy finds no broker without it.
void note_proxies(LoadContext& context, const std::vector<SourceConfig>& sources) {
  const auto any_of = [&](std::initializer_list<Transport> transports) {
    return std::any_of(sources.begin(), sources.end(), [&](const SourceConfig& source) {
      return std::find(transports.begin(), transports.end(), source.url.transport) !=
             transports.end();
    });
  };
  const auto note = [&](std::initializer_list<const char*> variables) {
    for (const char* variable : variables) {
      if (context.variable(variable))
        context.note(
            fmt::format("{}: without effect, brokers are connected to directly", variable));
    }
  };
  if (any_of({Transport::kTcp, Transport::kTls})) note({"all_proxy", "ALL_PROXY"});
  if (any_of({Transport::kWebSocket})) note({"http_proxy", "HTTP_PROXY"});
  if (any_of({Transport::kWebSocketTls})) note({"https_proxy", "HTTPS_PROXY"});
}

std::vector<Written> read_all(LoadContext& context, ObjectReader& root,
                              const SessionConfig& session) {
  std::vector<Written> sources;
  for (ObjectReader& reader : root.objects("mqttSources"))
    sources.push_back(read_source(context, reader, session));
  ObjectReader legacy = root.object("mqtt");
  const std::string broker = legacy.url("broker");
  const std::string topic = legacy.string("topic");
  if (!sources.empty() || broker.empty()) return sources;
  Written written = made_source("default", broker, {}, session);
  if (!topic.empty()) written.source.topics.push_back(topic);
  written.source.topics.emplace_back(kDefaultTopic);
  written.source.place = legacy.path();
  written.broker_key = legacy.path_of("broker");
  written.topics_key = legacy.path_of("topic");
  sources.push_back(std::move(written));
  return sources;
}

}  // namespace

void note_unknown_keys(LoadContext& context, const ObjectReader& reader) {
  for (const std::string& key : reader.unknown_keys())
    context.note(fmt::format("{}: this version does not know this key, ignored", key));
}

SessionConfig load_session(ObjectReader& reader, const SessionConfig& fallback) {
  SessionConfig session;
  session.qos = reader.in_range("qos", fallback.qos, 0, 1);
  session.session_expiry = std::chrono::seconds(
      reader.in_range("sessionExpirySec", fallback.session_expiry.count(), 0, kForEverSeconds));
  return session;
}

void load_sources(LoadContext& context, ObjectReader& root, Config& config) {
  const SessionConfig& session = config.sluice.session;
  std::vector<Written> written = read_all(context, root, session);
  if (const auto broker = context.variable("MQTT_BROKER")) {
    const auto topic = context.variable("MQTT_TOPIC");
    written = {made_source("env", *broker, {topic.value_or(std::string(kDefaultTopic))}, session)};
    report_instead(context, written[0], Origin::kEnvironment, "MQTT_BROKER",
                   topic ? "MQTT_TOPIC" : "");
    written[0].source.place = "MQTT_BROKER";
    written[0].broker_key = "MQTT_BROKER";
    written[0].topics_key = "MQTT_TOPIC";
  } else if (written.empty()) {
    written = {
        made_source("local", "mqtt://localhost:1883", {std::string(kDefaultTopic)}, session)};
    report_instead(context, written[0], Origin::kDefault, "", "");
    context.report.source_is_assumed = true;
    context.note("no MQTT source configured, using mqtt://localhost:1883");
  }
  config.sources = usable(context, std::move(written));
  if (!context.report.source_is_assumed) note_proxies(context, config.sources);
}

}  // namespace sluice
