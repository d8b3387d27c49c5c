# Rows about registrars among themselves, in scopes with those of both makes. Sourced by rows.sh. Registrars find each other by
# multicast; each pool element knows its own registrar only, so that where it is found elsewhere registrars have told of it, and
# that it can go on without its registrar only if another one takes it over.

# rsplib's pool elements listen to some other group.
at() { # REGISTRAR PE...   one pool element after the other, with its home there
   local r=$1 l; shift
   for l; do case $l in
      o*) our_pe "$l" --asap-announce off --registrar "$(addr "$r")" && expect "$l" 'is registered' 100 || return ;;
      t*) their_fractal_pe "$l" -asapannounce=239.0.0.78:3899 -registrar="$(addr "$r"):3863" ;;
   esac; done
   for l; do case $l in
      t*) case $r in
         o*) expect "$r" "has registered PE 0x0*$(pe_id "$l")" 150 || return ;;
         t*) expect "$r" "Successfully registered .*0$(pe_id "$l")" 150 || return ;;
      esac ;;
   esac; done
}
pe_id() { case $1 in o*) echo "7${IP[${1%%_*}]}" ;; t*) echo "2${IP[${1%%_*}]}" ;; esac; }
pr_id() { case $1 in o*) echo "7${IP[${1%%_*}]}" ;; t*) echo "1${IP[${1%%_*}]}" ;; esac; }
# In one scope the timers have to be alike: who is heard of less often than expected is asked for his presence all the time.
registrar() { case $1 in o*) our_pr "$@" --peer-heartbeat-cycle 1000 --max-time-last-heard 3000 --max-time-no-response 1500 --takeover-expiry 2000 ;; t*) their_pr "$@" ;; esac; }

# What a registrar answers to rsplib's hsdump: a line "PE HOME" for each pool element.
homes() { # REGISTRAR
   dump "$1"
   sed '/-- Selection/,$d' "$OUT/hsdump-$1.out" | awk '/idx:#/ { pe = $3; sub(/^\$0*/, "", pe) }
      /chsum=.*home=/ && pe { home = $0; sub(/.*home=\$0*/, "", home); sub(/ .*/, "", home); print pe, home; pe = "" }' | sort
}
# At each of these registrars exactly these pool elements have their homes there.
all_have() { # "REGISTRAR..." PE=REGISTRAR...
   local wanted r is l; wanted=$(for l in "${@:2}"; do echo "$(pe_id "${l%=*}") $(pr_id "${l#*=}")"; done | sort)
   for r in $1; do
      is=$(homes "$r")
      [ "$is" = "$wanted" ] || { echo "      at $r:" $is "instead of" $wanted; return 1; }
   done
}
# At each of these registrars exactly these pool elements are there, all with the same one of these homes.
all_agree() { # "REGISTRAR..." PE...
   local r is first='' ids; ids=$(for l in "${@:2}"; do pe_id "$l"; done | sort)
   for r in $1; do
      is=$(homes "$r")
      [ "$(echo "$is" | cut -d' ' -f1)" = "$ids" ] || { echo "      at $r:" $is "instead of" $ids; return 1; }
      [ "$is" = "${first:=$is}" ] || { echo "      at $r:" $is "but elsewhere" $first; return 1; }
   done
   for is in $(echo "$first" | cut -d' ' -f2 | sort -u); do
      for r in $1; do [ "$(pr_id "$r")" != "$is" ] || continue 2; done
      echo "      $is is none of the registrars: $first"; return 1
   done
}
# No registrar asks another one for its pool elements: all checksums agree. hsdump is a registrar as well, hence the rest before.
quiet() {
   sleep 4; cap "$OUT/quiet.pcap" sctp or udp port 9899 && sleep 5 && cap_end || return
   local presences tables
   presences=$(tshark -n -r "$OUT/quiet.pcap" -Y 'enrp.message_type == 1' 2>/dev/null | wc -l)
   tables=$(tshark -n -r "$OUT/quiet.pcap" -Y 'enrp.message_type == 2 || enrp.message_type == 3' 2>/dev/null | wc -l)
   [ "$presences" -ge 9 ] && [ "$tables" = 0 ] || { echo "      in 5 s of rest: $presences presences, $tables handle tables"; return 1; }
}

# The third one starts when there is something to download; changes afterwards reach all; then there is rest.
synchronization() { # REGISTRAR REGISTRAR REGISTRAR
   registrar "$1" && at "$1" ope1 tpe1 && registrar "$2" && at "$2" ope2 tpe2 && registrar "$3" || return
   eventually 50 all_have "$*" ope1="$1" tpe1="$1" ope2="$2" tpe2="$2" || return
   at "$3" ope3 tpe3 || return
   eventually 50 all_have "$*" ope1="$1" tpe1="$1" ope2="$2" tpe2="$2" ope3="$3" tpe3="$3" || return
   soft ope2 TERM; soft tpe1 INT
   eventually 50 all_have "$*" ope1="$1" tpe2="$2" ope3="$3" tpe3="$3" && quiet
}
row_synchronization_of_two_of_theirs_with_ours() { synchronization tpr1 tpr2 opr1; }
row_synchronization_of_ours_with_two_of_theirs() { synchronization opr1 tpr1 tpr2; }
row_synchronization_of_two_of_ours_with_theirs() { synchronization opr1 opr2 tpr1; }
row_synchronization_of_theirs_with_two_of_ours() { synchronization tpr1 opr1 opr2; }

# The first one dies, or its cable is pulled; its pool elements get a new home; then it comes back. Nobody is asked for his
# handlespace before that is over: hsdump counts as a registrar that does not agree to the takeover, and rsplib gives up then.
takeover() { # kill|unplug REGISTRAR REGISTRAR REGISTRAR
   local how=$1; shift
   registrar "$1" && registrar "$2" && registrar "$3" && at "$1" ope1 tpe1 && at "$2" tpe2 && at "$3" ope3 || return
   eventually 50 all_have "$2 $3" ope1="$1" tpe1="$1" tpe2="$2" ope3="$3" || return
   sleep 6
   [ "$how" = kill ] && hard "$1" || unplug "$1"
   sleep 10
   eventually 10 all_agree "$2 $3" ope1 tpe1 tpe2 ope3 || return
   kill -0 "$PID_ope1" && kill -0 "$PID_tpe1" || return
   [ "$how" = kill ] && { registrar "$1" || return; } || plug "$1"
   sleep 6
   eventually 30 all_agree "$*" ope1 tpe1 tpe2 ope3 && quiet
}
row_takeover_of_ours_by_theirs() { takeover kill opr1 tpr1 tpr2; }
row_takeover_of_theirs_by_ours() { takeover kill tpr1 opr1 opr2; }
row_takeover_of_ours_in_a_mixed_scope() { takeover unplug opr1 opr2 tpr1; }
row_takeover_of_theirs_in_a_mixed_scope() { takeover unplug tpr1 tpr2 opr1; }

# Without multicast.
row_named_peers() {
   our_pr opr1 --enrp-announce off && their_pr tpr1 -enrpannounce=239.0.0.79:9909 -peer="$(addr opr1):9901" && our_pr opr2 --enrp-announce off --peer "$(addr tpr1)" || return
   at opr1 tpe1 && at tpr1 ope2 && at opr2 ope3 || return
   eventually 80 all_have 'opr1 tpr1 opr2' tpe1=opr1 ope2=tpr1 ope3=opr2
}
