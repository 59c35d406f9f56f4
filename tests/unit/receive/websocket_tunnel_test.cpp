// The tunnel between a stand-in for libmosquitto, which is the test's own end of the local socket,
// and servers that answer by script.

#include "receive/websocket_tunnel.h"

#include <atomic>
#include <future>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "scripted_server.h"
#include "support/loopback.h"

namespace sluice::test {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// What libmosquitto does at its end: connects to a path, reads, writes, closes.
class LibraryEnd {
 public:
  explicit LibraryEnd(const std::string& path) : socket_(socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    connected_ = connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~LibraryEnd() { leave(); }
  LibraryEnd(const LibraryEnd&) = delete;
  LibraryEnd& operator=(const LibraryEnd&) = delete;

  [[nodiscard]] bool connected() const { return connected_; }
  void write(std::string_view bytes) const {
    static_cast<void>(!::write(socket_, bytes.data(), bytes.size()));
  }
  /// Reads until the other end closes, or until `limit` bytes are there.
  [[nodiscard]] std::string read(std::size_t limit = std::string::npos) const {
    std::string all;
    std::array<char, 4096> part;
    while (all.size() < limit) {
      const ssize_t got = ::read(socket_, part.data(), std::min(part.size(), limit - all.size()));
      if (got <= 0) break;
      all.append(part.data(), static_cast<std::size_t>(got));
    }
    return all;
  }
  void leave() {
    if (socket_ >= 0) close(socket_);
    socket_ = -1;
  }

 private:
  int socket_;
  bool connected_ = false;
};

TunnelOptions options_for(const ScriptedServer& server) {
  TunnelOptions options;
  options.host = "127.0.0.1";
  options.port = server.port();
  options.path = "/mqtt";
  options.connect_timeout = 1min;
  return options;
}

/// A tunnel whose library end is connected.
struct Session {
  explicit Session(TunnelOptions options)
      : tunnel(std::move(options)), library(tunnel.local_path()) {
    tunnel.start();
  }
  explicit Session(const ScriptedServer& server) : Session(options_for(server)) {}

  WebSocketTunnel tunnel;
  LibraryEnd library;
};

/// What the log would say of a server that does this.
std::string trouble_with(std::function<void(ServerSide&)> script) {
  ScriptedServer server(std::move(script));
  Session session(server);
  EXPECT_EQ(session.library.read(), "");
  return session.tunnel.trouble();
}

/// The same, after a handshake that goes well.
std::string trouble_after_handshake(const std::function<void(ServerSide&)>& script) {
  return trouble_with([script](ServerSide& side) {
    side.accept(side.read_request());
    script(side);
  });
}

TEST(WebSocketTunnel, AsksForThePathAndTheSubprotocol) {
  std::promise<std::string> request;
  ScriptedServer server([&](ServerSide& side) { request.set_value(side.read_request()); });
  TunnelOptions options = options_for(server);
  options.path = "/a b/mqtt?token=x\r\ny";
  Session session(options);
  EXPECT_THAT(request.get_future().get(),
              AllOf(StartsWith("GET /a%20b/mqtt?token=x%0D%0Ay HTTP/1.1\r\n"),
                    HasSubstr("\r\nHost: 127.0.0.1:" + std::to_string(server.port()) + "\r\n"),
                    HasSubstr("\r\nSec-WebSocket-Protocol: mqtt\r\n"), EndsWith("\r\n\r\n")));
}

TEST(WebSocketTunnel, AsksForTheRootWhereThereIsNoPath) {
  std::promise<std::string> request;
  ScriptedServer server([&](ServerSide& side) { request.set_value(side.read_request()); });
  TunnelOptions options = options_for(server);
  options.path = "";
  Session session(options);
  EXPECT_THAT(request.get_future().get(), StartsWith("GET / HTTP/1.1\r\n"));
}

TEST(WebSocketTunnel, CarriesBytesBothWays) {
  std::promise<std::string> heard;
  ScriptedServer server([&](ServerSide& side) {
    side.accept(side.read_request());
    heard.set_value(side.read_frame());
    EXPECT_EQ(side.opcode(), 2);
    side.send(server_frame(kBinaryFrame, "downwards"));
  });
  Session session(server);
  session.library.write("upwards");
  EXPECT_EQ(heard.get_future().get(), "upwards");
  EXPECT_EQ(session.library.read(9), "downwards");
}

TEST(WebSocketTunnel, HandsOnFramesThatComeByteByByteAndInFragments) {
  ScriptedServer server([](ServerSide& side) {
    side.accept(side.read_request());
    side.send_byte_by_byte(server_frame(0x02, "one ") + server_frame(0x00, "") +
                           server_frame(0x89, "ping") + server_frame(0x80, "two ") +
                           server_frame(kBinaryFrame, "three"));
  });
  Session session(server);
  EXPECT_EQ(session.library.read(), "one two three");
  EXPECT_EQ(session.tunnel.trouble(), "the server closed the connection");
}

TEST(WebSocketTunnel, TakesFramesThatComeWithTheHandshake) {
  ScriptedServer server([](ServerSide& side) {
    side.accept(side.read_request());
    side.send(server_frame(kBinaryFrame, "at once"));
  });
  Session session(server);
  EXPECT_EQ(session.library.read(), "at once");
}

TEST(WebSocketTunnel, AnswersPings) {
  std::promise<std::string> answer;
  ScriptedServer server([&](ServerSide& side) {
    side.accept(side.read_request());
    side.send(server_frame(0x89, "there?"));
    answer.set_value(side.read_frame());
    EXPECT_EQ(side.opcode(), 10);
  });
  Session session(server);
  EXPECT_EQ(answer.get_future().get(), "there?");
}

TEST(WebSocketTunnel, HandsOnAMessageOfAnySizeWithoutGatheringIt) {
  std::string large(std::size_t{5} << 20U, '\0');
  std::iota(large.begin(), large.end(), '\0');
  ScriptedServer server([&](ServerSide& side) {
    side.accept(side.read_request());
    side.send(server_frame(kBinaryFrame, large));
  });
  Session session(server);
  EXPECT_TRUE(session.library.read() == large);
}

TEST(WebSocketTunnel, TakesAFrameThatNeverEndsAsTheStreamItIs) {
  ScriptedServer server([](ServerSide& side) {
    side.accept(side.read_request());
    side.send(std::string("\x82\x7f\x3f\xff\xff\xff\xff\xff\xff\xffso far", 16));
  });
  Session session(server);
  EXPECT_EQ(session.library.read(), "so far");
  EXPECT_EQ(session.tunnel.trouble(), "the server closed the connection");
}

TEST(WebSocketTunnel, ReadsNoFurtherThanItsLibrary) {
  constexpr std::size_t kFarTooMuch = std::size_t{256} << 20U;
  std::atomic<std::size_t> sent{0};
  ScriptedServer server([&](ServerSide& side) {
    side.accept(side.read_request());
    const std::string frame = server_frame(kBinaryFrame, std::string(65536, 'x'));
    while (sent < kFarTooMuch && side.send(frame)) sent += frame.size();
  });
  {
    Session session(server);
    EXPECT_EQ(session.library.read(10), "xxxxxxxxxx");  // it flows, and then nobody reads
    for (std::size_t before = 1; before != sent;) {
      before = sent;
      std::this_thread::sleep_for(300ms);
    }
  }
  EXPECT_LT(sent, kFarTooMuch / 2);  // the rest is what the kernel's buffers of two sockets hold
}

TEST(WebSocketTunnel, RefusesAnswersThatAreNoHandshake) {
  EXPECT_THAT(trouble_with([](ServerSide& side) {
                static_cast<void>(side.read_request());
                side.send("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
              }),
              "HTTP 404 (Not Found) instead of a WebSocket");
  EXPECT_THAT(trouble_with([](ServerSide& side) {
                static_cast<void>(side.read_request());
                side.send("HTTP/1.1 401 go away\r\nConnection: close\r\n\r\nsecret");
              }),
              "HTTP 401 (Unauthorized) instead of a WebSocket");
  EXPECT_THAT(trouble_with([](ServerSide& side) {
                static_cast<void>(side.read_request());
                side.send("220 mail.example ESMTP\r\n");
              }),
              StartsWith("what answers does not speak HTTP"));
  EXPECT_EQ(trouble_with([](ServerSide& side) { static_cast<void>(side.read_request()); }),
            "the server closed the connection");
}

TEST(WebSocketTunnel, RefusesAHandshakeWithTheWrongKeyOrSubprotocol) {
  EXPECT_THAT(trouble_with([](ServerSide& side) {
                static_cast<void>(side.read_request());
                side.accept("Sec-WebSocket-Key: of another\r\n");
              }),
              HasSubstr("WebSocket"));
  const std::string refusal = "the server takes the WebSocket, but not for MQTT (no subprotocol)";
  EXPECT_EQ(trouble_with([](ServerSide& side) { side.accept(side.read_request(), ""); }), refusal);
  EXPECT_EQ(trouble_with([](ServerSide& side) { side.accept(side.read_request(), "chat"); }),
            refusal);
}

TEST(WebSocketTunnel, RefusesHeadersWithoutEnd) {
  EXPECT_THAT(trouble_with([](ServerSide& side) {
                static_cast<void>(side.read_request());
                side.send("HTTP/1.1 101 Switching Protocols\r\n");
                while (side.send("X-More: 0123456789012345678901234567890123456789\r\n")) continue;
              }),
              StartsWith("what answers does not speak HTTP"));
}

TEST(WebSocketTunnel, RefusesTextFrames) {
  EXPECT_EQ(
      trouble_after_handshake([](ServerSide& side) { side.send(server_frame(0x81, "hello")); }),
      "the server sends text frames; MQTT comes in binary ones");
}

TEST(WebSocketTunnel, RefusesBrokenFrames) {
  const std::vector<std::string> frames = {
      server_frame(0xc2, "compressed"),
      server_frame(0x83, "unknown opcode"),
      server_frame(0x80, "continues nothing"),
      server_frame(0x09, "a ping in fragments"),
      std::string("\x82\x85\0\0\0\0masked", 12),
      std::string("\x82\x7f\0\0\0\0\0\0\0\1x", 11),  // a length longer than need be
      std::string("\x88\x01x", 3),                   // half a close code
  };
  for (const std::string& frame : frames) {
    SCOPED_TRACE(::testing::PrintToString(frame));
    EXPECT_THAT(trouble_after_handshake([&](ServerSide& side) { side.send(frame); }),
                StartsWith("broken WebSocket frame"));
  }
}

TEST(WebSocketTunnel, TellsWhyTheServerSaidGoodbyeInPrintableText) {
  EXPECT_EQ(trouble_after_handshake(
                [](ServerSide& side) { side.send(server_frame(0x88, "\x03\xf0\x1b[31mgo\n")); }),
            "the server closed the WebSocket (code 1008: ?[31mgo?)");
}

TEST(WebSocketTunnel, TellsThatNobodyListens) {
  const ReservedPort nobody;
  TunnelOptions options;
  options.host = "127.0.0.1";
  options.port = nobody.number();
  Session session(options);
  EXPECT_EQ(session.library.read(), "");
  EXPECT_EQ(session.tunnel.trouble(), "Connection refused");
  EXPECT_FALSE(session.tunnel.reached());
}

TEST(WebSocketTunnel, GivesUpAfterItsTimeAndTellsWhatItWaitedFor) {
  // On a busy machine a short time is over before it has come to the handshake.
  for (auto patience = 50ms;; patience *= 2) {
    ScriptedServer server([](ServerSide& side) { side.wait_for_end(); });
    TunnelOptions options = options_for(server);
    options.connect_timeout = patience;
    Session session(options);
    EXPECT_EQ(session.library.read(), "");
    if (!session.tunnel.reached()) continue;
    EXPECT_EQ(session.tunnel.trouble(), "no answer to the WebSocket handshake");
    break;
  }
}

TEST(WebSocketTunnel, TellsOfATlsHandshakeThatIsNone) {
  ScriptedServer server([](ServerSide& side) { side.send("HTTP/1.1 400 Bad Request\r\n\r\n"); });
  TunnelOptions options = options_for(server);
  options.tls = true;
  Session session(options);
  EXPECT_EQ(session.library.read(), "");
  EXPECT_THAT(session.tunnel.trouble(), StartsWith("TLS: "));
}

TEST(WebSocketTunnel, TellsOfCertificateFilesThatCannotBeRead) {
  ScriptedServer server([](ServerSide& side) { side.wait_for_end(); });
  TunnelOptions options = options_for(server);
  options.tls = true;
  options.ca_file = "/nonexistent/ca.pem";
  {
    Session session(options);
    EXPECT_EQ(session.library.read(), "");
    EXPECT_THAT(session.tunnel.trouble(), HasSubstr("/nonexistent/ca.pem"));
  }
  options.ca_file = "";
  options.certificate_file = "/nonexistent/me.pem";
  Session session(options);
  EXPECT_EQ(session.library.read(), "");
  EXPECT_THAT(session.tunnel.trouble(), HasSubstr("/nonexistent/me.pem"));
}

TEST(WebSocketTunnel, SaysGoodbyeAfterTheLastWordsOfTheLibrary) {
  std::promise<std::string> heard;
  std::promise<int> opcode;
  ScriptedServer server([&](ServerSide& side) {
    side.accept(side.read_request());
    heard.set_value(side.read_frame());
    static_cast<void>(side.read_frame());
    opcode.set_value(side.opcode());
  });
  {
    TunnelOptions options = options_for(server);
    options.goodbye = 1min;
    Session session(options);
    while (!session.tunnel.trouble().empty()) std::this_thread::yield();
    session.library.write("disconnect");
    session.library.leave();
  }
  EXPECT_EQ(heard.get_future().get(), "disconnect");
  EXPECT_EQ(opcode.get_future().get(), 8);
}

/// The connect timeout is one that no test outlives.
TEST(WebSocketTunnel, EndsAtOnceWhateverItWaitsFor) {
  ScriptedServer silent([](ServerSide& side) { side.wait_for_end(); });
  ScriptedServer open([](ServerSide& side) {
    side.accept(side.read_request());
    side.wait_for_end();
  });
  for (const ScriptedServer* server : {&silent, &open}) {
    TunnelOptions options = options_for(*server);
    options.connect_timeout = 24h;
    Session session(options);
    while (server == &open && !session.tunnel.trouble().empty()) std::this_thread::yield();
  }
}

TEST(LocalRendezvous, LeavesNothingBehind) {
  struct stat status {};
  std::string path;
  {
    LocalRendezvous rendezvous;
    path = rendezvous.path();
    const std::string folder = path.substr(0, path.rfind('/'));
    ASSERT_EQ(stat(folder.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0700U);
    const LibraryEnd library(path);
    ASSERT_TRUE(library.connected());
    const int other_end = rendezvous.accept();
    EXPECT_GE(other_end, 0);
    EXPECT_NE(stat(folder.c_str(), &status), 0);
    EXPECT_FALSE(LibraryEnd(path).connected());
    close(other_end);
  }
  EXPECT_NE(stat(path.c_str(), &status), 0);
}

TEST(LocalRendezvous, DoesNotWaitForWhoDoesNotCome) {
  LocalRendezvous rendezvous;
  EXPECT_THROW(static_cast<void>(rendezvous.accept()), std::system_error);
}

TEST(LocalRendezvous, RefusesOtherProcesses) {
  LocalRendezvous rendezvous;
  const pid_t child = fork();
  if (child == 0) {
    const LibraryEnd other(rendezvous.path());
    std::array<char, 1> byte;
    pollfd unused{-1, 0, 0};
    poll(&unused, 0, other.connected() ? 60'000 : 0);
    _exit(static_cast<int>(byte.size()));
  }
  ASSERT_GT(child, 0);
  std::this_thread::sleep_for(100ms);  // earlier or later, it is refused all the same
  EXPECT_THROW(static_cast<void>(rendezvous.accept()), std::system_error);
  kill(child, SIGKILL);
}

TEST(LocalRendezvous, NamesTheFolderThatItCannotMake) {
  const char* const before = std::getenv("TMPDIR");
  const std::string kept = before != nullptr ? before : "";
  setenv("TMPDIR", "/nonexistent", 1);
  try {
    const LocalRendezvous rendezvous;
    ADD_FAILURE() << "made " << rendezvous.path();
  } catch (const std::system_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("/nonexistent/sluice-"));
  }
  if (kept.empty())
    unsetenv("TMPDIR");
  else
    setenv("TMPDIR", kept.c_str(), 1);
}

}  // namespace
}  // namespace sluice::test
