#!/bin/bash
# Runs inside the guest: ours against rsplib, one after the other, on the same kernel. Writes lines "FIGURE MAKE VALUE..." to
# /share/figures; captures stay in /share for whoever wants to look.
HERE=$(dirname "${BASH_SOURCE[0]}")
. "$HERE/stage.sh"
PR_OPTS= LOGO="-loglevel=3 -logcolor=off"   # rsplib's own timers, and nothing said that nobody needs
KILLS=${KILLS:-6} STOPS=${STOPS:-5} CUTS=${CUTS:-2} TAKEOVERS=${TAKEOVERS:-2} REQUESTS=${REQUESTS:-3000}
# The guest has a /tmp of its own: without this, programs built below the host's would be measured as zeros.
[ -x "$BIN/asap_load" ] || { echo "the guest cannot see the programs in $BIN; build them elsewhere (CARGO_TARGET_DIR)" >&2; exit 1; }
mkdir -p /tmp/out /share/captures; : >/share/figures
figure() { echo "$*" | tee -a /share/figures; }
begin() { OUT=/tmp/out/$1; mkdir -p "$OUT"; }
finish() { clean_up; CAP=; mkdir -p "/share/logs"; cp -r "$OUT" /share/logs/; cp "$OUT"/*.pcap /share/captures/ 2>/dev/null; rm -f "$OUT"/*.pcap; }
now_s() { echo "$EPOCHREALTIME"; }

# --- registrations and handle resolutions: the same load for both, and the processor time that the registrar needs for each
ticks() { local stat; read -ra stat <"/proc/$(pidvar "$1")/stat"; TICKS=$((stat[13] + stat[14])); }   # its name has no blank
spent() { ticks "$1"; BEFORE=$TICKS; }
figure_spent() { ticks "$3"; figure "$1" "$2" "$(awk -v t=$((TICKS - BEFORE)) -v n="$4" 'BEGIN { print t * 10 / n }')"; }
load() { # MAKE REGISTRAR
   begin "load-$1"
   local w line; : >"$OUT/load.out"
   case $1 in
      ours) ours "$2" registrar --log warn --registration-rate 1000000 --resolution-rate 1000000; sleep 2 ;;
      rsplib) their_pr "$2" -mentordiscoverytimeout=500; sleep 2 ;;
   esac
   for w in 1 32; do
      spent "$2"
      on omon "$BIN/asap_load" register "$(addr "$2"):3863" --address "$(addr omon)" --count "$REQUESTS" --window $w >>"$OUT/load.out" 2>&1
      figure_spent "register-time-$w" "$1" "$2" $((2 * REQUESTS)); sleep 0.5
   done
   start keep ope3 "$BIN/asap_load" register "$(addr "$2"):3863" --address "$(addr ope3)" --pool OnePool --count 3 --keep; sleep 2
   for w in 1 32; do
      spent "$2"
      on omon "$BIN/asap_load" resolve "$(addr "$2"):3863" --address "$(addr omon)" --pool OnePool --count "$REQUESTS" --window $w >>"$OUT/load.out" 2>&1
      figure_spent "resolve-time-$w" "$1" "$2" "$REQUESTS"; sleep 0.5
   done
   cat "$OUT/load.out"
   while read -r line; do
      [[ $line =~ ^([a-z]+)\ +count=.*window=([0-9]+)\ rate=([0-9]+)/s ]] && figure "${BASH_REMATCH[1]}-${BASH_REMATCH[2]}" "$1" "${BASH_REMATCH[3]}"
   done <"$OUT/load.out"
   finish
}

# --- a pool user of the make with three pool elements of the make
pool() { # MAKE
   case $1 in
      ours) PU=opu1 PES=(ope1 ope2 ope3); ours opr1 registrar --log warn; sleep 2; for p in "${PES[@]}"; do again "$p"; done; sleep 3 ;;
      rsplib) PU=tpu1 PES=(tpe1 tpe2 tpe3); their_pr tpr1 -mentordiscoverytimeout=500; for p in "${PES[@]}"; do their_pe "$p" -fractal; done; sleep 4 ;;
   esac
}
picture() { # MAKE ITERATIONS IMAGES
   case $1 in
      ours) our_pu opu1 --log warn --c1 1.15,-0.03 --c2 1.25,0.05 --max-iterations "$2" --images "$3" --pause 1 ;;
      rsplib) their_pu tpu1 200 90 "$2" -interimagetime=1; [ -z "${CAP:-}" ] || cap_end; CAP= ;;
   esac
}
# Ours computes so fast that it would have finished before it can be killed: it is slowed down to the speed of rsplib's.
again() { case $1 in o*) our_pe "$1" --log warn --capacity 150000000 ;; t*) their_pe "$1" -fractal ;; esac; }
# Which pool element has an association with the pool user?
server() { # MAKE
   local n p; for ((n = 0; n < 60; n++)); do
      for p in "${PES[@]}"; do on "$p" grep -q -E "$(addr "$PU" | sed 's/\./\\./g') " /proc/net/sctp/assocs && { SERVER=$p; return; }; done; sleep 0.1
   done; return 1
}
# Kills, stops or unplugs whoever serves, again and again.
failovers() { # MAKE kill|stop|unplug TIMES
   local make=$1 how=$2 k
   begin "$how-$make"; pool "$make"
   picture "$make" 300000 0
   cap "$OUT/$how-$make.pcap" "sctp and host $(addr "$PU")"
   : >"$OUT/events"
   for ((k = 0; k < $3; k++)); do
      server || { echo "nobody serves $PU"; break; }
      sleep 1.3; server || continue
      echo "$EPOCHREALTIME $(addr "$SERVER")" >>"$OUT/events"
      case $how in
         kill) hard "$SERVER"; sleep 2.5 ;;
         stop) soft "$SERVER" "$([ "$make" = ours ] && echo TERM || echo INT)"; sleep 2.5 ;;
         unplug) unplug "$SERVER"; sleep 11; hard "$SERVER"; plug "$SERVER" ;;
      esac
      again "$SERVER"; sleep 2
   done
   cap_end; CAP=
   tshark -n -r "$OUT/$how-$make.pcap" -Y sctp -T fields -E occurrence=a -e frame.time_epoch -e ip.src -e ip.dst -e sctp.chunk_type -e asap.message_type -e fractalgeneratorprotocol.message_type 2>/dev/null >"$OUT/packets"
   awk -F'\t' -v pu="$(addr "$PU")" -f "$HERE/failover.awk" "$OUT/events" "$OUT/packets" >"$OUT/failovers"
   sed "s/^/$how-/; s/ / $make /" "$OUT/failovers" | tee -a /share/figures
   finish
}

# --- three registrars of the make, two pool elements at the first, which is killed
takeovers() { # MAKE
   local make=$1 k r victim at; begin "takeover-$make"
   case $make in
      ours) RS=(opr1 opr2 opr3); for r in "${RS[@]}"; do ours "$r" registrar --log info; sleep 1; done; for p in ope1 ope2; do our_pe "$p" --asap-announce off --registrar "$(addr opr1)" --log warn; done ;;
      rsplib) RS=(tpr1 tpr2 tpr3); for r in "${RS[@]}"; do their_pr "$r"; done; for p in tpe1 tpe2; do start "$p" "$p" rspserver -fractal -identifier="0x2${IP[$p]}" -rereginterval=600000 -asapannounce=239.0.0.78:3899 -registrar="$(addr tpr1):3863" $LOGO; done ;;
   esac
   sleep 6
   cap "$OUT/takeover-$make.pcap" sctp
   for ((k = 0; k < TAKEOVERS; k++)); do
      victim=$(on "${RS[0]}" true; for r in "${RS[@]}"; do echo "$(on "$r" awk '$12 == 3863' /proc/net/sctp/assocs | wc -l) $r"; done | sort -rn | head -1 | cut -d' ' -f2)
      sleep 0.5; echo "$EPOCHREALTIME $(addr "$victim")" >>"$OUT/events"; hard "$victim"
      [ "$make" = ours ] && sleep 6 || sleep 17
      case $make in ours) ours "$victim" registrar --log info ;; rsplib) their_pr "$victim" ;; esac
      sleep 6
   done
   cap_end; CAP=
   tshark -n -r "$OUT/takeover-$make.pcap" -Y 'enrp or asap' -T fields -E occurrence=a -e frame.time_epoch -e enrp.message_type -e asap.message_type -e asap.h_bit 2>/dev/null >"$OUT/packets"
   awk -F'\t' -f "$HERE/takeover.awk" "$OUT/events" "$OUT/packets" | sed "s/ / $make /" | tee -a /share/figures
   finish
}

# --- one session on one core: the same picture for the same pool user of ours, from a pool element of the make; points per second
fractal() { # MAKE
   local make=$1 images line; begin "fractal-$make"
   ours opr1 registrar --log warn; sleep 2
   case $make in
      ours) images=12; our_pe ope1 --log warn ;;
      rsplib) images=3; their_pe tpe1 -fractal ;;
   esac; sleep 3
   picture ours 100000 "$images"; ended opu1 1200 || { finish; return; }
   while read -r line; do
      [[ $line =~ complete\ after\ ([0-9.]+)\ s ]] && figure fractal "$make" "$(awk -v s="${BASH_REMATCH[1]}" 'BEGIN { print 200 * 90 / s }')"
   done <"$OUT/opu1.out"
   finish
}

[ $# -gt 0 ] || set -- load load kill stop unplug takeover fractal load
for what in "$@"; do
   # With :MAKE behind it, one of them only.
   makes="rsplib ours"; [ "$what" = "${what%:*}" ] || makes=${what#*:}
   for make in $makes; do
      case ${what%:*} in
         load) load "$make" "$([ "$make" = ours ] && echo opr1 || echo tpr1)" ;;
         kill) failovers "$make" kill "$KILLS" ;;
         stop) failovers "$make" stop "$STOPS" ;;
         unplug) failovers "$make" unplug "$CUTS" ;;
         takeover) takeovers "$make" ;;
         fractal) fractal "$make" ;;
      esac
   done
done
