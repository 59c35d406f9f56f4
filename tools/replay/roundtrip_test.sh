#!/bin/sh
# Publishes a synthetic capture through a real broker, records it on the other side, and compares.
# usage: roundtrip_test.sh SYNTH REPLAY CAPTURE
set -eu
synth=$1 replay=$2 capture=$3
messages=5000

PATH=$PATH:/usr/sbin:/usr/local/sbin
command -v mosquitto >/dev/null || { echo "mosquitto is not installed"; exit 77; }

dir=$(mktemp -d)
broker_pid= recorder_pid=
cleanup() {
  [ -z "$recorder_pid" ] || kill "$recorder_pid" 2>/dev/null || true
  [ -z "$broker_pid" ] || kill "$broker_pid" 2>/dev/null || true
  rm -rf "$dir"
}
trap cleanup EXIT
fail() { echo "FAILED: $*"; cat "$dir"/*.err; exit 1; }

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
  for _ in 1 2 3 4 5 6 7 8; do
    port=$(awk -v pid=$$ -v try=$_ 'BEGIN { srand(); print 20000 + int(rand() * 20000 + pid * 7 + try * 131) % 20000 }')
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

# record NAME LIMIT...: starts recording everything into NAME.jsonl.
record() {
  name=$1
  shift
  "$capture" --broker "$url" --topic '#' --out "$dir/$name.jsonl" --quiet "$@" 2>"$dir/$name.err" &
  recorder_pid=$!
  wait_for grep -q '^recording' "$dir/$name.err" || fail "the recorder does not get through"
}

# Topic and payload only: time, QoS and the retain flag belong to the delivery.
essence() { sed -e 's/^{"t_ms":[0-9]*,//' -e 's/,"qos":[0-2],"retain":[a-z]*}$//' "$1"; }
in_order() { essence "$1" | cmp - "$dir/expected" || fail "$1 differs from what was published"; }

start_broker
url=mqtt://127.0.0.1:$port
"$synth" --messages $messages --seed 7 --observers 40 --nodes 200 --out "$dir/in.jsonl" --quiet
essence "$dir/in.jsonl" >"$dir/expected"

record one --messages $messages
"$replay" "$dir/in.jsonl" --broker "$url" --speed max --no-retain --json >"$dir/one.json" 2>"$dir/replay.err" ||
  fail "replay at full speed"
grep -q "\"complete\":true,\"records\":$messages,\"bad_lines\":0,\"published\":$messages," "$dir/one.json" ||
  fail "replay does not account for everything: $(cat "$dir/one.json")"
wait "$recorder_pid" || fail "the recorder"
recorder_pid=
in_order "$dir/one.jsonl"

# QoS 1, four connections: in order within each topic. The recorder is stopped by a signal.
record four --qos 1
"$replay" "$dir/in.jsonl" --broker "$url" --speed max --no-retain --qos 1 --connections 4 --json \
  >"$dir/four.json" 2>"$dir/replay.err" || fail "replay at QoS 1"
grep -q "\"acknowledged\":$messages," "$dir/four.json" || fail "not all acknowledged: $(cat "$dir/four.json")"
recorded_all() { [ "$(wc -l <"$dir/four.jsonl")" -eq $messages ]; }
wait_for recorded_all || fail "$(wc -l <"$dir/four.jsonl") of $messages recorded"
kill -TERM "$recorder_pid"
wait "$recorder_pid" || fail "the recorder does not end well"
recorder_pid=
by_topic() { LC_ALL=C sort -s -t '"' -k4,4 "$1"; }
essence "$dir/four.jsonl" >"$dir/four.essence"
by_topic "$dir/expected" >"$dir/expected.sorted"
by_topic "$dir/four.essence" | cmp - "$dir/expected.sorted" || fail "a topic's order is lost"

# A capture read from a pipe, with a line that is none: all the rest arrives, and it is no success.
record piped --messages 2
status=0
{ head -n 1 "$dir/in.jsonl"; echo '{"t_ms":'; sed -n 2p "$dir/in.jsonl"; } |
  "$replay" - --broker "$url" --speed max --no-retain --json >"$dir/piped.json" 2>"$dir/replay.err" || status=$?
[ "$status" -eq 1 ] || fail "a bad line is no failure"
grep -q '"records":2,"bad_lines":1,"published":2,' "$dir/piped.json" || fail "$(cat "$dir/piped.json")"
wait "$recorder_pid" || fail "the recorder"
recorder_pid=

# Other people's brokers are left alone (192.0.2.0/24 is nobody's).
status=0
"$replay" "$dir/in.jsonl" --broker mqtt://192.0.2.1:1883 2>"$dir/remote.err" || status=$?
[ "$status" -eq 2 ] && grep -q -- --allow-remote "$dir/remote.err" || fail "a remote broker is not refused"

echo "round trip of $messages messages: ok"
