//! Sequences of faults, and what must come of them.

mod adversity;
mod cast;
mod faults;
mod hostile;
mod partition;
mod policies;
mod registrars;
mod takeover;

use crate::World;

pub use cast::Cast;

/// A sequence of faults and expectations, the same for the same seed.
#[derive(Debug, Clone, Copy)]
pub struct Scenario {
    /// Topic and statement, as in `takeover::a_pair_takes_over`.
    pub name: &'static str,
    /// Runs the scenario in an empty world; panics if an expectation is not met.
    pub run: fn(&mut World),
}

macro_rules! scenarios {
    ($($theme:ident: $($name:ident)*;)*) => {
        /// All scenarios.
        pub const ALL: &[Scenario] = &[$($(Scenario {
            name: concat!(stringify!($theme), "::", stringify!($name)),
            run: $theme::$name,
        }),*),*];
    };
}

scenarios! {
    faults:
        everybody_may_start_in_any_order
        a_killed_pool_element_is_replaced_at_once
        an_unplugged_pool_element_is_replaced_when_its_association_times_out
        a_clean_stop_loses_neither_time_nor_work
        a_frozen_pool_element_is_replaced_and_registers_again_when_it_thaws
        a_short_freeze_does_no_harm
        a_pool_element_that_hangs_is_found_out_by_keep_alives
        a_partition_heals
        sessions_outlive_a_restart_of_the_registrar
        a_failover_without_a_registrar_goes_by_the_last_answer
        pool_elements_go_to_the_other_registrar_when_theirs_is_gone
        sessions_wait_until_somebody_is_back
        a_stop_ends_even_if_nobody_answers;
    adversity:
        announcements_may_get_lost
        a_rolling_restart_stops_no_session
        any_sequence_of_faults_is_survived
        a_malicious_peer_leaves_no_lasting_harm;
    registrars:
        any_number_may_start_at_once
        any_number_may_start_one_after_the_other
        registrars_that_start_with_configured_mentors_find_each_other
        a_late_registrar_gets_everything
        the_same_identifier_may_be_started_twice_by_mistake
        all_registrars_are_restarted_one_by_one
        all_registrars_are_restarted_while_pool_elements_come_and_go
        handlespaces_follow_pool_elements_that_come_and_go
        lost_datagrams_delay_nothing_but_the_start
        slow_links_and_reordering_confuse_nobody
        clocks_may_run_apart;
    takeover:
        the_other_of_a_pair_takes_over
        one_of_three_takes_over
        one_of_five_takes_over
        an_unplugged_registrar_is_taken_over
        pool_elements_that_notice_nothing_get_a_new_home
        two_of_five_die_close_together
        two_of_three_die_close_together
        a_registrar_dies_together_with_some_of_its_pool_elements
        a_registrar_that_comes_back_at_once_gets_along
        a_registrar_that_leaves_in_order_leaves_nothing_undone
        a_frozen_registrar_thaws_at_any_time;
    partition:
        a_short_silence_is_no_death
        a_registrar_is_cut_off_and_comes_back
        a_partition_heals_in_the_middle_of_a_takeover
        two_halves_go_on_and_become_one_again
        connections_need_not_be_the_same_for_all
        any_faults_of_several_registrars_are_survived;
    policies:
        every_registrar_keeps_to_the_policy
        a_pool_comes_back_with_another_policy
        a_pool_changes_its_policy_while_a_registrar_is_cut_off
        policy_data_may_change_with_every_message;
    hostile:
        foreign_elements_do_no_harm
        stolen_elements_come_back
        wrong_checksums_do_no_harm
        an_endless_table_does_no_harm
        false_takeovers_do_no_lasting_harm
        a_thief_of_identifiers_does_no_lasting_harm
        a_huge_list_does_no_harm
        impossible_addresses_do_no_harm
        a_malicious_peer_of_several_registrars_leaves_no_lasting_harm
        any_lie_during_any_faults_does_no_lasting_harm;
}
