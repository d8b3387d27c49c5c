# Rows about what carries the messages. Sourced by rows.sh.

# The transport's own tests, which no machine without SCTP can run in full.
row_transport_on_the_kernel() { # only kernel
   POOLSCOPE_REQUIRE_KERNEL_SCTP=1 "$TESTS" kernel --test-threads=2 --color never >"$OUT/tests.out" 2>&1 || { echo "      status $?"; return 1; }
   expect tests 'test result: ok. [2-9][0-9]+ passed' 1
}

# A second network, in which the hosts have the same numbers.
second_network() { # HOST...
   local h
   ip link add br1 type bridge mcast_snooping 0 stp_state 0 && ip link set br1 up
   for h; do
      ip link add "w$h" type veth peer name eth1 netns "$h" && ip link set "w$h" master br1 up
      ethtool -K "w$h" tx off tso off gso off gro off >/dev/null 2>&1; on "$h" ethtool -K eth1 tx off tso off gso off gro off >/dev/null 2>&1
      ip -n "$h" addr add "$(second "$h")/24" dev eth1; ip -n "$h" link set eth1 up
   done
}
no_second_network() { local h; for h; do ip link del "w$h"; done 2>/dev/null; ip link del br1; }
second() { echo "10.20.0.${IP[$1]}"; }

# Each has two addresses; a cable is pulled, the association goes on over the other one and comes back.
multi_homing() { # REGISTRAR
   local r=$1 patience=
   # rsplib leaves the kernel's timers alone: what it has sent into the dead cable it sends again after a second or more.
   [[ $r == o* ]] || patience="--t2-registration 5000"
   case $r in
      o*) our_pr "$r" --address "$(second "$r")" --log debug ;;
      t*) start "$r" "$r" rspregistrar -identifier="0x$(pr_id "$r")" -asap="$(addr "$r"):3863,$(second "$r")" -enrp="$(addr "$r"):9901,$(second "$r")" $PR_OPTS $LOGO; expect "$r" 'ready!' 150 ;;
   esac || return
   our_pe ope1 --address "$(second ope1)" --registrar "$(addr "$r")" --asap-announce off --log debug $patience && expect ope1 'is registered' 100 && sleep 2 || return
   unplug ope1
   expect ope1 "the path to $(addr "$r") does not work" 100 || return
   sleep 8
   absent ope1 'has lost its registrar' || return
   case $r in
      o*) absent "$r" 'has removed PE 0x0*721' ;;
      # It has registered again meanwhile.
      t*) local n; n=$(grep -c 'Successfully registered' "$OUT/$r.out"); [ "$n" -ge 3 ] || { echo "      only $n registrations"; return 1; } ;;
   esac || return
   plug ope1
   expect ope1 "the path to $(addr "$r") works" 150 && absent ope1 'has lost its registrar'
}
row_multi_homing() { second_network opr1 ope1; multi_homing opr1; local rc=$?; no_second_network opr1 ope1; return $rc; } # only kernel
row_multi_homing_with_their_pr() { second_network tpr1 ope1; multi_homing tpr1; local rc=$?; no_second_network tpr1 ope1; return $rc; } # only kernel

# Some processes speak SCTP themselves, others have the kernel do it. The kernel gives its UDP port back for that.
row_user_space_meets_kernel() { # only kernel-udp
   local h; for h in ope1 opu1; do on "$h" bash -c 'echo 0 >/proc/sys/net/sctp/udp_port'; done
   our_pr opr1 && MODE=user our_pe ope1 && our_pe ope2 && expect ope1 'registered' 100 && expect ope2 'registered' 100 &&
      MODE=user our_pu opu1 --images 2 --verify && ended opu1 300
   local rc=$?
   for h in ope1 opu1; do on "$h" bash -c 'echo 9899 >/proc/sys/net/sctp/udp_port'; done
   return $rc
}
