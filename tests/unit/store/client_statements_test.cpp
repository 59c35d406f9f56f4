#include "store/client_statements.h"

#include "store_fixture.h"

namespace sluice {
namespace {

class ClientStatementsTest : public StatementsTest {
 protected:
  static ClientReceptionRow row() {
    ClientReceptionRow row;
    row.rx_pubkey = "ab";
    row.heard_key = "ccdd";
    row.heard_keylen = 2;
    row.rssi = -77;
    row.lat = 51.5;
    row.lon = -3.25;
    row.heard = at(10);
    row.received = at(12);
    return row;
  }
};

TEST_F(ClientStatementsTest, StoresEveryColumn) {
  ClientReceptionRow full = row();
  full.snr = 5.25;
  full.accuracy_m = 8.5;
  full.from_advert = true;
  EXPECT_TRUE(statements_->clients.insert(full));
  EXPECT_THAT(rows("SELECT * FROM client_receptions"),
              testing::ElementsAre("1|'ab'|'ccdd'|2|-77|5.25|51.5|-3.25|8.5|"
                                   "'2024-05-01T00:00:10Z'|'2024-05-01T00:00:12Z'|'advert'"));
}

TEST_F(ClientStatementsTest, KeepsTheFirstOfAPhoneAKeyAndASecond) {
  EXPECT_TRUE(statements_->clients.insert(row()));
  ClientReceptionRow again = row();
  again.rssi = -1;
  EXPECT_FALSE(statements_->clients.insert(again));
  again.heard = at(11);
  EXPECT_TRUE(statements_->clients.insert(again));
  EXPECT_THAT(rows("SELECT rssi, snr, src FROM client_receptions"),
              testing::ElementsAre("-77|NULL|'rxlog'", "-1|NULL|'rxlog'"));
}

TEST_F(ClientStatementsTest, RemembersAPhonesLastName) {
  statements_->clients.note_observer("ab", "One", at(1));
  statements_->clients.note_observer("ab", "Two", at(2));
  EXPECT_THAT(rows("SELECT * FROM client_observers"),
              testing::ElementsAre("'ab'|'Two'|'2024-05-01T00:00:02Z'"));
}

}  // namespace
}  // namespace sluice
