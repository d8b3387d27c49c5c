//! An impostor of a registrar lies.

use rand::RngExt;
use rand::seq::IndexedRandom;

use super::adversity::{any_faults, survive_an_attacker, work_again};
use super::cast::{Cast, seconds};
use crate::{Death, Laws, Lie, NodeId, World};

pub(super) fn foreign_elements_do_no_harm(world: &mut World) {
    survive_a_liar(world, Lie::ForeignElements);
}

pub(super) fn stolen_elements_come_back(world: &mut World) {
    survive_a_liar(world, Lie::Theft);
}

pub(super) fn wrong_checksums_do_no_harm(world: &mut World) {
    survive_a_liar(world, Lie::WrongChecksums);
}

pub(super) fn an_endless_table_does_no_harm(world: &mut World) {
    // Low enough for the limit to be reached.
    world.config_mut().max_pool_elements = 300;
    survive_a_liar(world, Lie::EndlessTable);
}

pub(super) fn false_takeovers_do_no_lasting_harm(world: &mut World) {
    survive_a_liar(world, Lie::FalseTakeover);
}

pub(super) fn a_thief_of_identifiers_does_no_lasting_harm(world: &mut World) {
    survive_a_liar(world, Lie::OurIdentifier);
}

pub(super) fn a_huge_list_does_no_harm(world: &mut World) {
    survive_a_liar(world, Lie::HugeList);
}

pub(super) fn impossible_addresses_do_no_harm(world: &mut World) {
    survive_a_liar(world, Lie::ImpossibleAddresses);
}

fn survive_a_liar(world: &mut World, lie: Lie) {
    let number = world.rng().random_range(2..=3);
    let cast = Cast::start(world, number, 3, 1);
    cast.all_agree_within(world, seconds(4));
    // From now on, there is no reason to doubt a registrar.
    let doubted_for = world.laws_mut().doubted_for;
    world.run_for(doubted_for);
    let liar = world.add_liar(0x6000_0001, lie);
    world.run_for(seconds(4));
    let death = if world.rng().random() {
        Death::Killed
    } else {
        Death::Unplugged
    };
    world.kill(liar, death);
    cast.all_work_within(world, seconds(10));
    cast.all_agree_within(world, seconds(6));
    world.run_for(seconds(4));
}

pub(super) fn a_malicious_peer_of_several_registrars_leaves_no_lasting_harm(world: &mut World) {
    let cast = Cast::start(world, 2, 3, 1);
    survive_an_attacker(world, &cast);
    cast.all_agree_within(world, seconds(6));
}

pub(super) fn any_lie_during_any_faults_does_no_lasting_harm(world: &mut World) {
    world.config_mut().max_pool_elements = 300;
    let number = world.rng().random_range(2..=4);
    let cast = Cast::start(world, number, 3, 1);
    let lie = *Lie::ALL.choose(world.rng()).expect("there are lies");
    let laws = *world.laws_mut();
    // An impostor can make the registrars differ as long as it is there, and can leave pool users without any pool
    // element.
    let ever = seconds(3_600);
    *world.laws_mut() = Laws {
        listed_after: ever,
        at_rest_after: ever,
        removed_after: ever,
        converged_after: ever,
        acquainted_after: ever,
        doubted_for: ever,
        inherited_within: ever,
        owned_after: ever,
        progress_within: ever,
        ..laws
    };
    let liar = world.add_liar(0x6000_0001, lie);
    let victims: Vec<NodeId> = cast.registrars.iter().chain(&cast.elements).copied().collect();
    any_faults(world, &cast, &victims, 6);
    world.run_for(seconds(2));
    world.kill(liar, Death::Killed);
    world.heal();
    *world.laws_mut() = laws;
    work_again(world, &cast);
    cast.all_agree_within(world, seconds(6));
    world.run_for(seconds(4));
}
