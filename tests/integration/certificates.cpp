#include "certificates.h"

#include <fstream>
#include <vector>

#include "child_process.h"

namespace sluice::test {
namespace {

using Words = std::vector<std::string>;

bool openssl(Words arguments) {
  arguments.insert(arguments.begin(), "openssl");
  ChildProcess process(arguments);
  return process.wait_exit() == 0;
}

/// A new key, and a request or a certificate for it.
bool make_key(const std::string& folder, const std::string& name, const std::string& subject,
              const std::string& ending, const Words& more) {
  Words words = {"req",
                 "-newkey",
                 "ec",
                 "-pkeyopt",
                 "ec_paramgen_curve:prime256v1",
                 "-nodes",
                 "-subj",
                 subject,
                 "-keyout",
                 folder + "/" + name + ".key",
                 "-out",
                 folder + "/" + name + ending};
  words.insert(words.end(), more.begin(), more.end());
  return openssl(words);
}

bool sign(const std::string& folder, const std::string& name) {
  return openssl({"x509", "-req", "-days", "2", "-in", folder + "/" + name + ".csr", "-CA",
                  folder + "/ca.crt", "-CAkey", folder + "/ca.key", "-CAcreateserial", "-extfile",
                  folder + "/names", "-out", folder + "/" + name + ".crt"});
}

}  // namespace

bool make_certificates(const std::string& folder) {
  std::ofstream(folder + "/names") << "subjectAltName=DNS:localhost\n";
  return make_key(folder, "ca", "/CN=Lab", ".crt", {"-x509", "-days", "2"}) &&
         make_key(folder, "server", "/CN=localhost", ".csr", {}) && sign(folder, "server") &&
         make_key(folder, "client", "/CN=sluice", ".csr", {}) && sign(folder, "client");
}

}  // namespace sluice::test
