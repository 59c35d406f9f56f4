#include <exception>

#include "app/command_line.h"
#include "app/exit_code.h"
#include "app/run.h"
#include "base/log.h"

namespace {

int dispatch(const sluice::CommandLine& command) {
  if (const auto* run = std::get_if<sluice::RunCommand>(&command)) return sluice::run(*run);
  if (const auto* ingest = std::get_if<sluice::IngestCommand>(&command))
    return sluice::ingest(*ingest);
  if (const auto* decode = std::get_if<sluice::DecodeCommand>(&command))
    return sluice::decode(*decode);
  if (const auto* check = std::get_if<sluice::CheckCommand>(&command)) return sluice::check(*check);
  return std::get<sluice::ExitNow>(command).code;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return dispatch(sluice::parse_command_line(argc, argv));
  } catch (const std::exception& error) {
    sluice::stop_log();
    sluice::log_error("{}", error.what());
    return sluice::kExitFatal;
  }
}
