//! The work of pool elements.

use events::pool_user;
use feed::{Command, Event};
use laboratory::{Lab, Process};

crate::tests![nobody_is_refused_for_the_work_of_sessions_that_are_over];

/// Every pixel takes the maximum number of iterations: the first pixels of a picture take longer than a whole
/// session.
const SLOW: [&str; 4] = [
    "--c1=-0.1,0.1",
    "--c2=0.1,-0.1",
    "--n=1234",
    "--max-iterations=50000",
];

fn nobody_is_refused_for_the_work_of_sessions_that_are_over(lab: &Lab) {
    let _registrar = lab.registrar();
    let element = lab.pool_element(1, &["--max-sessions=2"]);
    let mut user = lab.start("pool-user", &SLOW);
    wait_until_served(&mut user);
    for _ in 0..30 {
        user.command(&Command::NewImage { width: 0, height: 0 });
        wait_until_served(&mut user);
    }
    user.wait_for("pixels of the last picture", |event| match event {
        Event::Pixels { image: 31, .. } => Some(()),
        Event::PoolUser(pool_user::Event::FailoverStarted { reason, .. }) => {
            panic!("{reason}; the pool element:\n{}", element.log())
        }
        _ => None,
    });
}

fn wait_until_served(user: &mut Process) {
    user.wait_for("a pool element", |event| match event {
        Event::PoolUser(pool_user::Event::SessionUp { .. }) => Some(()),
        _ => None,
    });
}
