#!/bin/sh
# A load test against a real broker and Sluice: what is there is found, what is planted as lost is missed.
# usage: roundtrip_test.sh SYNTH LOAD SLUICE LOADTEST BUILD
set -eu
synth=$1 load=$2 sluice=$3 loadtest=$4 build=$5

PATH=$PATH:/usr/sbin:/usr/local/sbin
for tool in mosquitto sqlite3 python3; do
  command -v "$tool" >/dev/null || { echo "$tool is not installed"; exit 77; }
done

dir=$(mktemp -d)
broker_pid= sluice_pid=
cleanup() {
  [ -z "$sluice_pid" ] || kill "$sluice_pid" 2>/dev/null || true
  [ -z "$sluice_pid" ] || wait "$sluice_pid" 2>/dev/null || true
  [ -z "$broker_pid" ] || kill "$broker_pid" 2>/dev/null || true
  rm -rf "$dir"
}
trap cleanup EXIT
fail() { echo "FAILED: $*"; tail -n 40 "$dir"/*.err; exit 1; }

# What a command ends with, tried for up to a minute.
wait_for() {
  tries=0
  until "$@" 2>/dev/null; do
    tries=$((tries + 1))
    [ "$tries" -lt 1200 ] || return 1
    sleep 0.05
  done
}

# A free port can only be had by trying: mosquitto ends when it is taken.
start_broker() {
  for try in 1 2 3 4 5 6 7 8; do
    port=$(awk -v pid=$$ -v try=$try 'BEGIN { srand(); print 20000 + int(rand() * 20000 + pid * 7 + try * 131) % 20000 }')
    cat >"$dir/broker.conf" <<CONF
listener $port 127.0.0.1
allow_anonymous true
max_queued_messages 0
persistence false
log_dest stderr
log_type information
log_type error
user $(id -un)
CONF
    rm -f "$dir/broker.err"  # or the last try's would be read
    mosquitto -c "$dir/broker.conf" 2>"$dir/broker.err" &
    broker_pid=$!
    wait_for grep -Eq 'running|Error' "$dir/broker.err" || fail "the broker does not start"
    if grep -q running "$dir/broker.err"; then return; fi
    wait "$broker_pid" || true
  done
  fail "no free port"
}

start_broker
url=mqtt://127.0.0.1:$port
"$synth" --messages 1000 --observers 20 --nodes 100 --seed 3 --out "$dir/net.jsonl" --quiet
cat >"$dir/config.json" <<CONF
{"dbPath": "$dir/mesh.db", "groupCommitMs": 200,
 "mqttSources": [{"name": "load", "broker": "$url", "topics": ["meshcore/#"]}]}
CONF
CORESCOPE_INGESTOR_STATS=$dir/stats.json env -u DB_PATH -u MQTT_BROKER -u CHANNEL_KEYS_PATH \
  "$sluice" run --config "$dir/config.json" 2>"$dir/sluice.err" >/dev/null </dev/null &
sluice_pid=$!
wait_for grep -q 'subscribed to' "$dir/sluice.err" || fail "sluice does not start"

# run NAME OPTION...: a load test; whether the rate holds on this machine is not what is tested.
run() {
  name=$1
  shift
  status=0
  "$load" "$dir/net.jsonl" --database "$dir/mesh.db" --broker "$url" --stats "$dir/stats.json" --patience 60 \
    --report "$dir/$name.html" --json "$dir/$name.json" "$@" >"$dir/$name.out" 2>"$dir/$name.err" || status=$?
  [ -s "$dir/$name.json" ] || fail "$name: no result"
}
# holds NAME PYTHON: an expression about the result `r`.
holds() {
  python3 -c 'import json, sys; r = json.load(open(sys.argv[1])); sys.exit(0 if eval(sys.argv[2]) else 1)' \
    "$dir/$1.json" "$2" || fail "$1: not so: $2: $(head -c 3000 "$dir/$1.json")"
}

# More messages than the capture has, so that the rounds differ.
run whole --rate 600 --seconds 3
holds whole 'len(r["steps"]) == 1 and r["steps"][0]["published"] == 1800 and r["steps"][0]["missing"] == 0'
holds whole 'r["steps"][0]["rowsFound"] == r["steps"][0]["rowsExpected"] > 1500'
holds whole 'r["steps"][0]["rowsTwice"] == r["steps"][0]["rowsUnknown"] == 0'
holds whole 'r["steps"][0]["countedByObservers"] == 1800'
holds whole 'r["steps"][0]["ingestor"]["received"] == 1800'
holds whole 'r["steps"][0]["ingestor"]["committed"] + r["steps"][0]["ingestor"]["merged"] == 1800'
holds whole '"rssAnonMiB" in r["timeline"][-1] and r["vanishedRows"] == 0'
prefix=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["observersBeginWith"])' "$dir/whole.json")
rows=$(sqlite3 "$dir/mesh.db" "SELECT count(*) FROM observations o JOIN observers s ON s.rowid = o.observer_idx WHERE s.id LIKE '$prefix%'")
holds whole "r['steps'][0]['rowsFound'] == $rows"

# The page is well-formed, and nothing of it is elsewhere.
python3 - "$dir/whole.html" <<'PYTHON' || fail "the page"
import sys, xml.dom.minidom
page = open(sys.argv[1], encoding="utf-8").read()
doctype, _, document = page.partition("\n")
tree = xml.dom.minidom.parseString(document)
assert doctype == "<!DOCTYPE html>" and "http" not in page and "<script" not in page
assert len(tree.getElementsByTagName("svg")) >= 5
PYTHON

# Seven rows are taken away behind the ingestor's back, and a repeat may bring some of them back.
sqlite3 "$dir/mesh.db" '.timeout 10000' 'CREATE TABLE lost(t, o, p);
CREATE TRIGGER lose AFTER INSERT ON observations WHEN (SELECT count(*) FROM lost) < 7 BEGIN
  INSERT INTO lost VALUES (NEW.transmission_id, NEW.observer_idx, NEW.path_json);
  DELETE FROM observations WHERE id = NEW.id; END;'
run lossy --rate 300 --seconds 2
lost=$(sqlite3 "$dir/mesh.db" 'SELECT count(*) FROM lost WHERE NOT EXISTS
  (SELECT 1 FROM observations WHERE transmission_id = t AND observer_idx = o AND path_json = p)')
[ "$lost" -gt 0 ] || fail "nothing was lost"
[ "$status" -eq 1 ] || fail "a loss is no failure"
holds lossy "r['steps'][0]['rowsMissing'] == r['steps'][0]['missing'] == $lost and r['steps'][0]['verdict'] == 'loss'"
grep -q "$lost of 600 messages are missing" "$dir/lossy.out" || fail "the verdict does not say it"
grep -q 'missing: transmission' "$dir/lossy.err" || fail "nothing is named"

# Two steps of a search, whatever their outcome.
run search --find-limit --start-rate 200 --max-rate 300 --seconds 1
holds search 'len(r["steps"]) >= 2 and all(step["missing"] == 0 for step in r["steps"])'

# Nobody listens, no such database, not this machine.
status=0
"$load" "$dir/net.jsonl" -d "$dir/mesh.db" -b mqtt://127.0.0.1:1 2>"$dir/wrong.err" || status=$?
[ "$status" -eq 1 ] && grep -q 'cannot connect' "$dir/wrong.err" || fail "a broker that is not there"
kill "$sluice_pid"
wait "$sluice_pid" || fail "sluice does not end well"
sluice_pid=
status=0
"$load" "$dir/net.jsonl" -d "$dir/mesh.db" -b "$url" --patience 1 2>"$dir/wrong.err" || status=$?
[ "$status" -eq 1 ] && grep -q 'none is in the database' "$dir/wrong.err" || fail "an ingestor that is not there"
status=0
"$load" "$dir/net.jsonl" -d "$dir/nothing.db" -b "$url" 2>"$dir/wrong.err" || status=$?
[ "$status" -eq 2 ] || fail "a database that is not there"
status=0
"$load" "$dir/net.jsonl" -d "$dir/mesh.db" -b mqtt://192.0.2.1 2>"$dir/wrong.err" || status=$?
[ "$status" -eq 2 ] && grep -q -- --allow-remote "$dir/wrong.err" || fail "a remote broker is not refused"

# All of it by one command, with a broker and a Sluice of its own, which leaves nothing behind.
mkdir "$dir/disk"
"$loadtest" --build "$build" --dir "$dir/disk" --seconds 1 --observers 20 --report "$dir/script.html" \
  --json "$dir/script.json" -- --rate 300 >"$dir/script.out" 2>"$dir/script.err" || true
holds script 'r["steps"][0]["published"] == 300 and r["steps"][0]["missing"] == 0'
[ -s "$dir/script.html" ] || fail "no page"
[ -z "$(ls "$dir/disk")" ] || fail "the script leaves something behind"

echo "load test of 2,400 messages, $lost lost on purpose: ok"
