#include "child_process.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sluice::test {
namespace {

using namespace std::chrono_literals;

// No test waits this long when all is well; a sanitizer on a busy machine may come near it.
constexpr auto kPatience = 60s;
constexpr auto kPatienceForTheEnd = 240s;

}  // namespace

ChildProcess::ChildProcess(const std::vector<std::string>& command) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  const int failed =
      posix_spawnp(&pid_, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  pipe_ = ends[0];
  if (failed != 0) {
    close(pipe_);
    throw std::system_error(failed, std::generic_category(), "cannot start " + command[0]);
  }
}

ChildProcess::~ChildProcess() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  close(pipe_);
}

void ChildProcess::signal(int number) const {
  if (pid_ > 0) kill(pid_, number);
}

bool ChildProcess::read_some(std::chrono::steady_clock::time_point until) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
  pollfd ready{pipe_, POLLIN, 0};
  if (poll(&ready, 1,
           static_cast<int>(std::max<std::chrono::milliseconds::rep>(left.count(), 0))) <= 0)
    return false;
  char buffer[4096];
  const ssize_t count = read(pipe_, buffer, sizeof buffer);
  if (count <= 0) return false;
  output_.append(buffer, static_cast<std::size_t>(count));
  return true;
}

bool ChildProcess::wait_for(const std::string& text) {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  std::size_t found = output_.find(text, found_until_);
  while (found == std::string::npos) {
    if (!read_some(until)) return false;
    found = output_.find(text, found_until_);
  }
  found_until_ = found + text.size();
  return true;
}

bool ChildProcess::wait_for_all(std::initializer_list<std::string> texts) {
  const std::size_t from = found_until_;
  std::size_t last = from;
  for (const std::string& text : texts) {
    found_until_ = from;
    if (!wait_for(text)) return false;
    last = std::max(last, found_until_);
  }
  found_until_ = last;
  return true;
}

std::filesystem::path ChildProcess::find_thread(const std::string& name) const {
  std::error_code gone;
  for (const auto& task :
       std::filesystem::directory_iterator("/proc/" + std::to_string(pid_) + "/task", gone)) {
    std::string its_name;
    std::getline(std::ifstream(task.path() / "comm"), its_name);
    if (its_name == name) return task.path();
  }
  return {};
}

bool ChildProcess::wait_for_thread(const std::string& name) const {
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (find_thread(name).empty()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(20ms);
  }
  return true;
}

int ChildProcess::wait_exit() {
  const auto until = std::chrono::steady_clock::now() + kPatienceForTheEnd;
  while (read_some(until)) {
  }
  if (std::chrono::steady_clock::now() >= until) kill(pid_, SIGKILL);
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace sluice::test
